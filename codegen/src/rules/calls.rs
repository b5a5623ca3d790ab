//! Rules about calls: retries, pages, waiters and examples.

use super::rules;

rules! { CALLS:
    READ_VERB "read-verb" Error {
        "An operation is marked as `read`, but its name does not begin with a verb for reading.",
        "The SDK repeats reading operations after any transient failure, so they must change nothing.",
        "Remove `read`, or state with \"read_because\": \"…\" why executing it twice changes nothing.",
        "\"operation\": \"DeleteInstance\", \"read\": true" => "\"operation\": \"DeleteInstance\"",
    }
    MISSING_READ "missing-read" Warning {
        "The name of an operation begins with a verb for reading, but it is not marked as `read`.",
        "The SDK would not repeat it after a lost connection.",
        "Add \"read\": true unless the operation changes something; then `allow` the rule and say what it changes.",
        "\"operation\": \"DescribeInstances\"" => "\"operation\": \"DescribeInstances\", \"read\": true",
    }
    PAGINATION "pagination" Error {
        "The pagination names a missing parameter or field, or one with an unsuitable type.",
        "`items()` and `pages()` would send or read the wrong member.",
        "Name a string for `token`, whole numbers for `number`, `size`, `offset`, `next` and `total`, and a list for `items`.",
        "\"pagination\": { \"style\": \"token\", \"token\": \"Tokens\", \"items\": \"Disks\" }" => "\"pagination\": { \"style\": \"token\", \"token\": \"NextToken\", \"items\": \"Disks\" }",
    }
    PAGE_NUMBER_AS_STRING "page-number-as-string" Warning {
        "The parameter of a page number or page size is a string without limits or a pattern of digits.",
        "It is probably a number, which would have limits and could not be misspelled.",
        "Make the type `i32`, or add `min`, `max` or \"pattern\": \"^\\\\d+$\".",
        "{ \"name\": \"MaxResults\", \"type\": \"string\" }" => "{ \"name\": \"MaxResults\", \"type\": \"i32\" }",
    }
    WAITER "waiter" Error {
        "A waiter names a missing parameter, field or state, or cannot end.",
        "It would poll until its timeout, or fail at once.",
        "Correct the name, or add what the message asks for.",
        "{ \"name\": \"disk_ready\", \"ids\": \"DiskIds\", \"state\": \"Stat\", … }" => "{ \"name\": \"disk_ready\", \"ids\": \"DiskIds\", \"state\": \"Status\", … }",
    }
    TYPICAL "typical" Error {
        "A value of the typical request does not fit its parameter, or a required one has no value.",
        "The example in the operation's docs sends the typical request, and is compiled.",
        "Correct the value, or add an `example` to the required parameter.",
        "\"typical\": { \"Size\": \"big\" }" => "\"typical\": { \"Size\": 40 }",
    }
    EXAMPLE "example" Error {
        "An example is not encoded as its `form`, or its response would not be decoded without loss.",
        "Examples are tests of the generated source.",
        "Correct the form, the request or the response; the message shows what the request is encoded as.",
        "{ \"request\": { \"Size\": 4 }, \"form\": \"Size=5\" }" => "{ \"request\": { \"Size\": 4 }, \"form\": \"Size=4\" }",
    }
}
