//! Pagination that an import infers from names and types.

use ecs_codegen::import::Decision;
use ecs_codegen::spec::PageStyle;

use super::decisions::{decide, decided, text};
use super::*;

#[test]
fn a_list_with_a_dot_in_its_name_has_no_pagination() {
    let tokens = || json!([parameter("NextToken", text()), parameter("MaxResults", json!({ "type": "integer" }))]);
    let things = || list(object(json!({ "Id": text() })));
    for response in [json!({ "All.Things": things() }), json!({ "My.Data": object(json!({ "Things": things() })) })] {
        let mut response = object(response);
        response["properties"]["NextToken"] = text();
        let (operation, report) = decide("ListThings", tokens(), response);
        assert!(operation.pagination.is_none(), "{report}");
        let decided = decided(&report, Decision::Paging);
        assert!(decided.len() == 1 && decided[0].ends_with("has a dot in its name"), "{decided:?}");
    }
    let inner = object(json!({ "NextToken": text(), "Things": things() }));
    let (operation, report) = decide("ListThings", tokens(), object(json!({ "My.Data": inner })));
    assert!(operation.pagination.is_none(), "{report}");
}

#[test]
fn pagination_is_inferred_if_it_is_unambiguous() {
    let number = || json!({ "type": "integer" });
    let things = || object(json!({ "Thing": list(object(json!({ "Id": text() }))) }));
    let pages = || json!([parameter("PageNumber", number()), parameter("PageSize", number())]);
    let (operation, report) =
        decide("ListThings", pages(), object(json!({ "TotalCount": number(), "Things": things() })));
    let found = operation.pagination.expect("pages");
    assert_eq!((found.style, found.items.as_str()), (PageStyle::Number, "Things"));
    assert_eq!((found.size.as_deref(), found.total.as_deref()), (Some("PageSize"), Some("TotalCount")));
    assert_eq!(
        decided(&report, Decision::Paging),
        ["ListThings request PageNumber: by number, with the elements in `Things`"]
    );
    let (operation, report) = decide(
        "ListThings",
        json!([parameter("Start", number()), parameter("Cursor", text())]),
        object(json!({ "Total": number() })),
    );
    assert!(operation.pagination.is_none() && decided(&report, Decision::Paging).is_empty(), "{report}");
    let tokens = json!([parameter("NextToken", text()), parameter("MaxResults", number())]);
    let nested = object(json!({ "Data": object(json!({ "NextToken": text(), "Items": things() })) }));
    let (operation, _) = decide("ListThings", tokens, nested);
    let found = operation.pagination.expect("pages");
    assert_eq!((found.token.as_deref(), found.items.as_str()), (Some("Data.NextToken"), "Data.Items"));
    let offset = |size: &str| json!([parameter("Offset", number()), parameter(size, number())]);
    let (operation, report) =
        decide("ListThings", offset("Limit"), object(json!({ "NextOffset": number(), "Things": things() })));
    let found = operation.pagination.expect("pages");
    assert_eq!((found.offset.as_deref(), found.next.as_deref()), (Some("Offset"), Some("NextOffset")));
    assert_eq!((found.style, found.items.as_str()), (PageStyle::Offset, "Things"));
    assert_eq!(
        decided(&report, Decision::Paging),
        ["ListThings request Offset: by offset, with the elements in `Things`"]
    );
    for (parameters, response, reason) in [
        (
            offset("Limit"),
            object(json!({ "A": things() })),
            "pages by `Offset` and `Limit`, but the response has no number `NextOffset`; request further pages by hand",
        ),
        (
            json!([parameter("StartNum", number()), parameter("PageSize", number())]),
            object(json!({ "A": things() })),
            "pages by `StartNum` and `PageSize`",
        ),
        (
            json!([parameter("Cursor", text())]),
            object(json!({ "A": things(), "Cursor": text() })),
            "pages by `Cursor`, but",
        ),
        (
            json!([parameter("NextToken", text()), parameter("MaxResults", number())]),
            object(json!({ "A": things() })),
            "pages by `NextToken` and `MaxResults`, but the response does not have it",
        ),
        (
            json!([parameter("PageNumber", number())]),
            object(json!({ "A": things() })),
            "pages by `PageNumber`, but no parameter has the size of a page",
        ),
        (pages(), object(json!({ "A": things(), "B": things() })), "several lists: `A`, `B`"),
        (pages(), object(json!({ "Total": number() })), "the response has no list"),
        (
            json!([parameter("PageNumber", text()), parameter("PageSize", number())]),
            object(json!({ "A": things() })),
            "`PageNumber` is not an integer",
        ),
        (
            json!([
                parameter("PageNumber", json!({ "type": "integer", "minimum": 0 })),
                parameter("PageSize", number())
            ]),
            object(json!({ "A": things() })),
            "may be counted from 0",
        ),
    ] {
        let (operation, report) = decide("ListThings", parameters, response);
        assert!(operation.pagination.is_none());
        assert!(decided(&report, Decision::Paging)[0].contains(reason), "{report}");
    }
}
