//! Rules about the files of the specs, and about services as a whole.

use super::rules;

rules! { FILES:
    UNREADABLE_FILE "unreadable-file" Error {
        "A file or folder of the specs cannot be read.",
        "Its operations would be missing from the SDK without notice.",
        "Make it readable, or remove it. Links, pipes and devices are never followed or opened: replace them with files.",
        "specs/ecs/instances/StopInstance.json -> ../elsewhere.json" => "specs/ecs/instances/StopInstance.json (a regular file)",
    }
    ENCODING "encoding" Error {
        "A file is not encoded in UTF-8, or is larger than any spec.",
        "JSON is UTF-8. Some editors on Windows save UTF-16.",
        "Save the file as UTF-8; in PowerShell, write it with `-Encoding utf8NoBOM`.",
        "FF FE 7B 00 0A 00 …" => "7B 0A …",
    }
    BYTE_ORDER_MARK "byte-order-mark" Warning fix {
        "A file starts with a byte-order mark.",
        "The mark is invisible, and most JSON parsers reject it.",
        "Save the file as UTF-8 without a byte-order mark.",
        "EF BB BF 7B …" => "7B …",
    }
    INVALID_JSON "invalid-json" Error {
        "A file is not valid JSON.",
        "Nothing in the file can be read.",
        "Correct the JSON at or just before the marked position.",
        "{ \"operation\": \"StopInstance\", }" => "{ \"operation\": \"StopInstance\" }",
    }
    DUPLICATE_KEY "duplicate-key" Error {
        "An object has the same key twice.",
        "Only the last value would be read.",
        "Remove one of the two.",
        "{ \"doc\": \"One.\", \"doc\": \"Two.\" }" => "{ \"doc\": \"Two.\" }",
    }
    UNKNOWN_KEY "unknown-key" Error {
        "An object has a key that the format does not define.",
        "The key would have no effect; it is usually misspelled.",
        "Correct or remove it. The JSON Schemas in specs/ list the allowed keys.",
        "{ \"name\": \"Size\", \"typ\": \"i32\" }" => "{ \"name\": \"Size\", \"type\": \"i32\" }",
    }
    MISSING_KEY "missing-key" Error {
        "An object lacks a required key.",
        "The format defines no default for the key.",
        "Add the key. The JSON Schemas in specs/ list the required keys.",
        "{ \"name\": \"Size\" }" => "{ \"name\": \"Size\", \"type\": \"i32\" }",
    }
    WRONG_JSON "wrong-json" Error {
        "A value has another JSON type or form than the format defines.",
        "The value cannot be read.",
        "Write the value that the message asks for.",
        "\"http\": \"403\"" => "\"http\": 403",
    }
    UNEXPECTED_FILE "unexpected-file" Error {
        "A spec file or folder is at a place where none is read, or its name does not end in `.json`.",
        "Its operation would be missing from the SDK without notice.",
        "Keep operations in <service>/<family>/<Operation>.json, and only service.json, types.json and glossary.json beside the families.",
        "specs/ecs/instances/StopInstance.JSON" => "specs/ecs/instances/StopInstance.json",
    }
    IGNORED_FILE "ignored-file" Warning {
        "The specs contain a file that is not a spec.",
        "It is not read, which may be a surprise.",
        "Move it elsewhere. Files named README.md and hidden files are not reported.",
        "specs/ecs/notes.txt" => "specs/README.md",
    }
    MISSING_FILE "missing-file" Error {
        "A file that the specs of a service need does not exist.",
        "Everything that refers to its content would be a mistake.",
        "Create or restore the file.",
        "specs/ecs/instances/StopInstance.json without specs/ecs/service.json" => "specs/ecs/service.json",
    }
    RESERVED_FILE_NAME "reserved-file-name" Error {
        "A file or folder of the specs or of the generated source would have a name that Windows reserves: `con`, `prn`, `aux`, `nul`, \
         `com1` to `com9` or `lpt1` to `lpt9`, in any letter case and with any ending.",
        "Windows cannot create such a file, so the repository could not be checked out there.",
        "Choose another name. An operation has its name as the service spells it in `wire`.",
        "Con.json: \"operation\": \"Con\"" => "CallCon.json: \"operation\": \"CallCon\", \"wire\": \"Con\"",
    }
    FORMATTING "formatting" Info fix {
        "A file does not have the canonical layout.",
        "In the canonical layout, each fact that is reviewed separately has its own line.",
        "Run `cargo xtask spec fmt`.",
        "{\"operation\":\"StopInstance\"}" => "{\n  \"operation\": \"StopInstance\"\n}",
    }
    ALLOW "allow" Error {
        "An entry of `allow` names an unknown rule or an error, or states no reason.",
        "Errors cannot be allowed, because the generated source would be wrong; and reviewers need the reason for the rest.",
        "Name a rule of level warning or info, and state the reason in three words or more.",
        "\"allow\": { \"missing-read\": \"\" }" => "\"allow\": { \"missing-read\": \"listing marks the messages as read\" }",
    }
    UNUSED_ALLOW "unused-allow" Warning fix {
        "An entry of `allow` has no effect.",
        "It would hide a later violation that nobody has looked at.",
        "Remove the entry.",
        "{ \"name\": \"Size\", \"type\": \"i32\", \"allow\": { \"missing-read\": \"it is a number\" } }" => "{ \"name\": \"Size\", \"type\": \"i32\" }",
    }
    SERVICE_NAME "service-name" Error {
        "The name of a service is invalid, or differs from its folder.",
        "It becomes the name of a module and of a Cargo feature.",
        "Use lower-case letters, digits and `_`, starting with a letter, for both folder and service.",
        "\"service\": \"R-kvstore\"" => "\"service\": \"r_kvstore\"",
    }
    FAMILY "family" Error {
        "A family is unknown or invalid, or differs from the folder.",
        "Families become Cargo features.",
        "List the family in `families` of service.json, and keep its operations in the folder with its name.",
        "specs/ecs/instance/StopInstance.json: \"family\": \"instances\"" => "specs/ecs/instances/StopInstance.json: \"family\": \"instances\"",
    }
    WORD_TABLE "word-table" Error {
        "An entry of `words` is not a snake-case spelling.",
        "The table decides how wire names are split into words of Rust names.",
        "Map letters and digits to lower-case letters, digits and `_`.",
        "\"words\": { \"VSwitch\": \"V-Switch\" }" => "\"words\": { \"VSwitch\": \"vswitch\" }",
    }
    ENDPOINT "endpoint" Error {
        "An endpoint is not a host name, or has another placeholder than `{region}`.",
        "Clients would connect to a host that does not exist, or to one of somebody else.",
        "Write a host name without scheme, port and path. Only patterns have the placeholder `{region}`.",
        "\"public\": \"https://ecs.{regoin}.aliyuncs.com/\"" => "\"public\": \"ecs.{region}.aliyuncs.com\"",
    }
    DOCS_URL "docs-url" Error {
        "A `docs_url` is not an https URL, or has an unknown placeholder.",
        "It becomes a link in the generated docs.",
        "Write a URL that begins with https://. In service.json, `{operation}` stands for the operation's name in lower case, and `{Operation}` for its name.",
        "\"docs_url\": \"javascript:alert(1)\"" => "\"docs_url\": \"https://www.alibabacloud.com/help/en/ecs/…\"",
    }
}
