//! Rules about limits, values and other facts of fields.

use super::rules;

rules! { FACTS:
    LIMITS "limits" Error {
        "A limit does not fit the type, or contradicts another limit.",
        "The docs state the limits, and the SDK checks some of them.",
        "Use `min` and `max` for numbers, `min_length` and `max_length` for strings, `min_items` and `max_items` for lists.",
        "{ \"name\": \"Size\", \"type\": \"i32\", \"min\": 9, \"max\": 1 }" => "{ \"name\": \"Size\", \"type\": \"i32\", \"min\": 1, \"max\": 9 }",
    }
    NUMBER_FORM "number-form" Warning fix {
        "A whole number is written with a fraction or exponent.",
        "The same number would look like a change in diffs, and the docs would print it in this form.",
        "Write the whole number.",
        "\"min\": 0.0" => "\"min\": 0",
    }
    PATTERN "pattern" Error {
        "A `pattern` is not a valid regular expression.",
        "The docs state it, and people copy it from there.",
        "Correct the expression, or describe the format in `doc`.",
        "\"pattern\": \"([a-z\"" => "\"pattern\": \"^[a-z]+$\"",
    }
    TIME_FORMAT "time-format" Error {
        "The format of a time is missing or unknown.",
        "The SDK writes times of requests in this format.",
        "Add \"time\": \"…\" with one of the known formats to times of requests.",
        "{ \"name\": \"StartTime\", \"type\": \"time\" }" => "{ \"name\": \"StartTime\", \"type\": \"time\", \"time\": \"yyyy-MM-ddTHH:mm:ssZ\" }",
    }
    ALLOWED_VALUES "allowed-values" Error {
        "An element of `values` is not a value of the type, is listed twice, or violates the limits.",
        "The docs list the values as allowed.",
        "Correct or remove the element; for a closed set of strings, define an enum.",
        "{ \"name\": \"Period\", \"type\": \"i32\", \"values\": [60, \"600\"] }" => "{ \"name\": \"Period\", \"type\": \"i32\", \"values\": [60, 600] }",
    }
    VALUE "value" Error {
        "A default or example is not a value of its field: it has another type or format, or violates the limits.",
        "The docs show both, and the examples in the docs send them.",
        "Correct the value, or the type and limits.",
        "{ \"name\": \"Size\", \"type\": \"i32\", \"max\": 5, \"default\": 9 }" => "{ \"name\": \"Size\", \"type\": \"i32\", \"max\": 5, \"default\": 5 }",
    }
    REQUIRED_DEFAULT "required-default" Warning {
        "A required parameter has a default.",
        "One of the two is wrong: `send()` rejects a request without the parameter, so the default can never apply.",
        "Remove `required` if the service accepts requests without the parameter, otherwise `default`.",
        "{ \"name\": \"Size\", \"type\": \"i32\", \"required\": true, \"default\": 5 }" => "{ \"name\": \"Size\", \"type\": \"i32\", \"default\": 5 }",
    }
    REQUIRED_RESPONSE_FIELD "required-response-field" Warning fix {
        "A field of a response is marked as required.",
        "Any member of a response may be missing, so the mark has no effect.",
        "Remove `required`.",
        "{ \"name\": \"TotalCount\", \"type\": \"i64\", \"required\": true }" => "{ \"name\": \"TotalCount\", \"type\": \"i64\" }",
    }
    DECISION "decision" Error {
        "An entry of `decided` names an unknown fact.",
        "The decision would have no effect, and the next import would change the fact.",
        "Name one of the facts that can be decided, such as `max` or `required`.",
        "\"decided\": { \"maximum\": \"the page says 100\" }" => "\"decided\": { \"max\": \"the page says 100\" }",
    }
    MISSING_REASON "missing-reason" Error {
        "An exception has no reason.",
        "Reviewers, and those who look at it again later, need the reason.",
        "State the reason in three words or more.",
        "\"plain\": \"\"" => "\"plain\": \"a duration, not a point in time\"",
    }
    NEEDLESS_REASON "needless-reason" Warning fix {
        "A reason stands for an exception that is none.",
        "It would hide a later violation that nobody has looked at.",
        "Remove it.",
        "{ \"name\": \"Size\", \"type\": \"string\", \"plain\": \"not a time\" }" => "{ \"name\": \"Size\", \"type\": \"string\" }",
    }
    DEPRECATION "deprecation" Warning {
        "Something that is not deprecated has a replacement.",
        "The docs name the replacement only in the note about the deprecation.",
        "Add \"deprecated\": true, or remove `replaced_by`.",
        "{ \"name\": \"Size\", \"type\": \"i32\", \"replaced_by\": \"SizeGib\" }" => "{ \"name\": \"Size\", \"type\": \"i32\", \"deprecated\": true, \"replaced_by\": \"SizeGib\" }",
    }
    BATCH "batch" Error {
        "A batch has no limit, is not a list of strings in a request, or has a reason why it is none.",
        "`in_batches()` sends several calls with parts of the list, so it needs the size of a part.",
        "Add `max_items`, or remove `batch`.",
        "{ \"name\": \"DiskIds\", \"type\": [\"string\"], \"wire\": \"json\", \"batch\": true }" => "{ \"name\": \"DiskIds\", \"type\": [\"string\"], \"wire\": \"json\", \"max_items\": 100, \"batch\": true }",
    }
    UNDECIDED_BATCH "undecided-batch" Warning {
        "A limited list of IDs states neither that it is a batch nor why it is not.",
        "Without the decision, callers have to split long lists themselves.",
        "Add \"batch\": true if several calls with parts of the list are equivalent to one with all, or the reason why not: \"undivided\": \"…\".",
        "{ \"name\": \"DiskIds\", \"type\": [\"string\"], \"wire\": \"json\", \"max_items\": 100 }" => "{ \"name\": \"DiskIds\", \"type\": [\"string\"], \"wire\": \"json\", \"max_items\": 100, \"batch\": true }",
    }
    CONTENT_ENCODING "content-encoding" Error {
        "The facts about content in Base64, or about its size, do not fit the field.",
        "The SDK encodes and decodes the content, and checks its size.",
        "Use `base64` for strings that are always Base64, `encoded_by` if another member states the encoding, and `max_bytes` for parameters.",
        "{ \"name\": \"UserData\", \"type\": \"map\", \"base64\": true }" => "{ \"name\": \"UserData\", \"type\": \"string\", \"base64\": true }",
    }
}
