//! Rules about types and encodings.

use super::rules;

rules! { TYPES:
    UNKNOWN_TYPE "unknown-type" Error {
        "A field has a type that is not defined.",
        "The generated source would not compile.",
        "Use a scalar, or define the type in `types` of the operation's file or in types.json.",
        "\"type\": \"boolean\"" => "\"type\": \"bool\"",
    }
    STRUCT_OR_ENUM "struct-or-enum" Error {
        "A type is both a struct and an enum, or neither.",
        "Only one of the two can be generated.",
        "Give it either `fields` or `enum`.",
        "\"Color\": { \"doc\": \"A color.\" }" => "\"Color\": { \"doc\": \"A color.\", \"enum\": { \"Red\": \"Red.\" } }",
    }
    UNUSED_TYPE "unused-type" Warning {
        "No field uses a type.",
        "The SDK would have a public type that no operation takes or returns.",
        "Remove the type, or use it.",
        "\"types\": { \"Color\": { … } }, without a field of type `Color`" => "{ \"name\": \"Color\", \"type\": \"Color\" }",
    }
    STRUCT_DIRECTION "struct-direction" Error {
        "Requests and responses use the same struct.",
        "Members of requests are optional in Rust; members of responses are not.",
        "Define two structs.",
        "\"Disk\", used by CreateDisk and in the response of DescribeDisks" => "\"DiskSpec\" for CreateDisk, and \"Disk\"",
    }
    RECURSIVE_STRUCT "recursive-struct" Error {
        "A struct contains itself without a list in between.",
        "Its size would be infinite.",
        "Make the type a list, or leave the member out with \"skip\": \"…\".",
        "{ \"name\": \"Parent\", \"type\": \"Folder\" }, in `Folder`" => "{ \"name\": \"Children\", \"type\": [\"Folder\"], \"wire\": \"list\" }",
    }
    WIRE_STYLE "wire-style" Error {
        "The encoding of a list or struct is missing, unknown, or does not fit the type.",
        "The form of a request and the shape of a response depend on it.",
        "In requests use `repeat`, `json` or `comma`; in responses `list` or `wrapped:<Item>`.",
        "{ \"name\": \"Tag\", \"type\": [\"Tag\"] }" => "{ \"name\": \"Tag\", \"type\": [\"Tag\"], \"wire\": \"repeat\" }",
    }
    NARROW_NUMBER "narrow-number" Error {
        "A number of a response is an `i32` or `f32`.",
        "A single number that does not fit would be lost.",
        "Use `i64` or `f64`, regardless of the published width.",
        "{ \"name\": \"TotalCount\", \"type\": \"i32\" }, in a response" => "{ \"name\": \"TotalCount\", \"type\": \"i64\" }",
    }
    BOOLEAN_AS_STRING "boolean-as-string" Warning {
        "A field with the values `true` and `false` is a string.",
        "A `bool` cannot be misspelled, and has the same wire form.",
        "Make the type `bool`, without `values`.",
        "{ \"name\": \"Encrypted\", \"type\": \"string\", \"values\": [\"true\", \"false\"] }" => "{ \"name\": \"Encrypted\", \"type\": \"bool\" }",
    }
    STRING_TYPE "string-type" Warning {
        "A string has a name that indicates a time, or that of an enum parameter.",
        "A type with a meaning spares callers the parsing.",
        "Use the type, or state with \"plain\": \"…\" why the field remains a string.",
        "{ \"name\": \"CreationTime\", \"type\": \"string\" }" => "{ \"name\": \"CreationTime\", \"type\": \"time\" }",
    }
    STRUCT_MEANING "struct-meaning" Warning {
        "Members with different names share a struct, or members with one meaning have different structs.",
        "Types follow the meaning of a member, not its shape: equal members can diverge later.",
        "List the names in `for` of the struct if they mean the same; otherwise define a struct for each.",
        "{ \"name\": \"Filter\", \"type\": [\"Tag\"] }" => "{ \"name\": \"Filter\", \"type\": [\"Filter\"] }",
    }
    SECRET "secret" Error {
        "A field is not marked as secret although its name indicates it, or is both secret and public.",
        "Secrets are never printed or logged; an unmarked password would be.",
        "Add \"sensitive\": true, or state with \"public\": \"…\" why the field is no secret.",
        "{ \"name\": \"Password\", \"type\": \"string\" }" => "{ \"name\": \"Password\", \"type\": \"string\", \"sensitive\": true }",
    }
    SENSITIVE_TYPE "sensitive-type" Warning fix {
        "A Boolean is marked as secret.",
        "It has only two values, so hiding it makes logs worse without protecting anything.",
        "Remove `sensitive`.",
        "{ \"name\": \"PasswordInherit\", \"type\": \"bool\", \"sensitive\": true }" => "{ \"name\": \"PasswordInherit\", \"type\": \"bool\" }",
    }
}
