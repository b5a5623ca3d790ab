//! Rules about error codes.

use super::rules;

rules! { CODES:
    ERROR_CODE "error-code" Error {
        "An error code or its HTTP status is invalid, or the code has a placeholder such as `%s`.",
        "The code becomes a constant, and is compared with those of the service, which never sends a placeholder.",
        "Spell the code as the service sends it, without surrounding spaces, or remove it, and use a status from 200 to 599.",
        "{ \"code\": \"InvalidSize \", \"http\": 4003 }" => "{ \"code\": \"InvalidSize\", \"http\": 403 }",
    }
    DUPLICATE_ERROR_CODE "duplicate-error-code" Warning fix {
        "An error code is listed twice with the same status.",
        "The docs would list it twice.",
        "Remove one of the two.",
        "{ \"code\": \"NoDisk\", \"http\": 404 }, { \"code\": \"NoDisk\", \"http\": 404 }" => "{ \"code\": \"NoDisk\", \"http\": 404 }",
    }
    ERROR_CONSTANT "error-constant" Error {
        "Two error codes would have the same constant, or an entry of `codes` is invalid.",
        "A new code must never take the name of an existing constant.",
        "Add the proposed entry to `codes` in service.json, or a better name.",
        "\"Invalid.DiskId\" and \"InvalidDiskId\", without `codes`" => "\"codes\": { \"Invalid.DiskId\": \"INVALID_DOT_DISK_ID\" }",
    }
    ERROR_CLASS "error-class" Error {
        "A code is in several classes, or an entry of `error_classes` is invalid.",
        "The class decides how callers, and the SDK itself, react to an error.",
        "List the code in `codes` of the right class only, or add an exception to the patterns of the others.",
        "\"conflict\": { \"codes\": [\"DiskBusy\"] }, \"in_use\": { \"codes\": [\"DiskBusy\"] }" => "\"in_use\": { \"codes\": [\"DiskBusy\"] }",
    }
    UNUSED_CODE "unused-code" Warning fix {
        "An entry of `codes`, `error_classes` or `undocumented_codes` has no effect.",
        "It is misspelled, or no operation documents the code.",
        "Correct or remove the entry. If a code is known from elsewhere, list it in `undocumented_codes` of rpc.json.",
        "\"throttling\": { \"patterns\": [\"Throtling*\"] }" => "\"throttling\": { \"patterns\": [\"Throttling*\"] }",
    }
}
