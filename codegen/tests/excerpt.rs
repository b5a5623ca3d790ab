//! Excerpts: a few operations of a spec tree, as the test crate of the runtime has them.

use std::path::Path;

use ecs_codegen::{excerpt, fileset::FileSet, load, load::Tree};

fn tree() -> Tree {
    tree_of("tests/golden/specs")
}

fn tree_of(folder: &str) -> Tree {
    load::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .unwrap()
        .unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn paths(files: &FileSet) -> Vec<&str> {
    files.iter().map(|(path, _)| path).collect()
}

fn text<'a>(files: &'a FileSet, path: &str) -> &'a str {
    files.iter().find(|(other, _)| *other == path).unwrap_or_else(|| panic!("no {path}")).1
}

#[test]
fn only_the_operations_of_the_list_and_their_types_are_generated() {
    let files = ecs_codegen::generate_excerpt(&tree(), &["ecs/DescribeThings", "ecs/ListOldThings"]).unwrap();
    let expected = [
        "ecs/codes.rs",
        "ecs/mod.rs",
        "ecs/operation/describe_things.rs",
        "ecs/operation/list_old_things.rs",
        "ecs/operation/mod.rs",
        "ecs/types/enums.rs",
        "ecs/types/mod.rs",
        "mod.rs",
    ];
    assert_eq!(paths(&files), expected);
    let enums = text(&files, "ecs/types/enums.rs");
    assert!(enums.contains("Architecture") && !enums.contains("Branch"), "{enums}");
    // Only the SDK has features for families and deprecated operations.
    for (path, text) in files.iter() {
        assert!(!text.contains("cfg(feature"), "{path}");
    }
}

#[test]
fn types_that_other_types_refer_to_are_generated_too() {
    // `Option` has a member of type `Branch`, which has a member of type `Architecture`.
    let files = ecs_codegen::generate_excerpt(&tree(), &["ecs/Option"]).unwrap();
    assert!(text(&files, "ecs/types/structs.rs").contains("pub struct Branch"));
    assert!(text(&files, "ecs/types/enums.rs").contains("pub enum Architecture"));
}

#[test]
fn an_error_names_the_unknown_operation() {
    for name in ["ecs/DescribeNothing", "vpc/Ping", "Ping"] {
        let error = ecs_codegen::generate_excerpt(&tree(), &["ecs/Ping", name]).unwrap_err();
        assert_eq!(error, format!("`{name}` is not an operation of the specs; expected <service>/<Operation>"));
    }
}

#[test]
fn comments_and_empty_lines_of_lists_are_skipped() {
    let list = "# Pages.\n\necs/DescribeThings   # by token\r\n  ecs/Ping\n#ecs/Vec";
    assert_eq!(excerpt::parse(list), ["ecs/DescribeThings", "ecs/Ping"]);
}

#[test]
fn the_committed_excerpt_is_up_to_date() {
    let testing = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ecs-sdk/testing");
    let list = std::fs::read_to_string(testing.join("operations.txt")).unwrap();
    let files = ecs_codegen::generate_excerpt(&tree_of("../specs"), &excerpt::parse(&list)).unwrap();
    let changes = files.compare(&testing.join("src/generated")).unwrap();
    assert!(changes.is_empty(), "run `cargo xtask codegen` and commit the result\n{changes}");
}
