//! Rules about names on the wire and in Rust.

use super::rules;

rules! { NAMES:
    OPERATION_NAME "operation-name" Error {
        "The name of an operation, or its `wire`, is invalid, or differs from the file's name, or another operation has it too.",
        "The name is sent as `Action`, and becomes the name of a type and a method.",
        "Use letters and digits, starting with a capital, as the service spells it, and give the file the same name.",
        "stopInstance.json: \"operation\": \"stopInstance\"" => "StopInstance.json: \"operation\": \"StopInstance\"",
    }
    OPERATION_SPELLING "operation-spelling" Warning fix {
        "`wire` of an operation is its name, or not another spelling of it.",
        "It is sent as `Action` instead of the operation's name, so the SDK would call another operation.",
        "Spell the name as the service does, or remove `wire`.",
        "\"operation\": \"StopInstance\", \"wire\": \"startInstance\"" => "\"operation\": \"StopInstance\", \"wire\": \"stopInstance\"",
    }
    WIRE_NAME "wire-name" Error {
        "A wire name is empty or has characters that no service uses in names: blanks, letters outside ASCII, quotes and the like.",
        "The service would not know the parameter, or would read the request differently.",
        "Spell the name as the service does: ASCII letters, digits, and `_`, `-`, `.`, `:`, `$`, `@` or `/` between them.",
        "\"name\": \"Instance Id\"" => "\"name\": \"InstanceId\"",
    }
    RESERVED_PARAMETER "reserved-parameter" Error {
        "A parameter has the name of a common parameter, such as `Action` or `Signature`.",
        "The SDK sets it itself; a second value would make the signature invalid.",
        "Leave it out of the SDK with \"skip\": \"…\".",
        "{ \"name\": \"Action\", \"type\": \"string\" }" => "{ \"name\": \"Action\", \"type\": \"string\", \"skip\": \"set by the SDK\" }",
    }
    SPECIAL_PARAMETER "special-parameter" Warning {
        "`ClientToken`, `DryRun` or `RegionId` has a type with which the SDK cannot set it.",
        "The SDK fills in `ClientToken` and `RegionId` as strings, and `check()` sends `DryRun` as `true`.",
        "Make `ClientToken` and `RegionId` strings and `DryRun` a `bool`, or leave the parameter out with \"skip\": \"…\".",
        "{ \"name\": \"DryRun\", \"type\": \"i32\" }" => "{ \"name\": \"DryRun\", \"type\": \"bool\" }",
    }
    DUPLICATE_MEMBER "duplicate-member" Error {
        "Two members of one struct, request or response have the same wire name.",
        "Only one of them could be sent or received.",
        "Remove one of the two.",
        "{ \"name\": \"Size\", … }, { \"name\": \"Size\", … }" => "{ \"name\": \"Size\", … }",
    }
    OVERLAPPING_MEMBERS "overlapping-members" Error {
        "A parameter is a part of another one: `SystemDisk.Size` beside `SystemDisk`, or `Filter.1.Key` beside `Filter`.",
        "Both have the same key in the form, so a request could contain it twice.",
        "Add the part to the struct of the other parameter, and remove it here.",
        "{ \"name\": \"SystemDisk\", \"type\": \"SystemDisk\" }, { \"name\": \"SystemDisk.Size\", \"type\": \"i32\" }" => "{ \"name\": \"SystemDisk\", \"type\": \"SystemDisk\" }, with `Size` in the struct",
    }
    RUST_NAME "rust-name" Error {
        "A Rust name is invalid, or two items would have the same one.",
        "The generated source would not compile.",
        "Choose a name with \"rust\": \"…\", or add a word to `words` in service.json.",
        "{ \"name\": \"Tag\", \"wire\": \"repeat\" }, { \"name\": \"Tags\" }" => "{ \"name\": \"Tag\", \"wire\": \"repeat\", \"rust\": \"tag_list\" }, { \"name\": \"Tags\" }",
    }
    TYPE_NAME "type-name" Error {
        "The name of a type is invalid or taken.",
        "The generated source would not compile, or the type would hide another one.",
        "Use UpperCamelCase letters and digits, and a name that no scalar, request, response or shared type has.",
        "\"types\": { \"String\": { … } }" => "\"types\": { \"DiskName\": { … } }",
    }
    ENUM_VARIANT "enum-variant" Error {
        "Two values of an enum would have the same variant, or the name of a variant is invalid.",
        "The generated source would not compile.",
        "Name one of them: { \"rust\": \"…\", \"doc\": \"…\" }.",
        "\"enum\": { \">\": \"Greater.\", \">=\": \"Not less.\" }" => "\"enum\": { \">\": { \"rust\": \"Greater\", \"doc\": \"…\" }, … }",
    }
}
