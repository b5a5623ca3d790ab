//! The docs name the class that errors have at run time. The test is here because it reads files of two packages.

use std::fs;

use ecs_codegen::{classes::Classes, load, spec::ErrorClasses};

use crate::root;

#[test]
fn the_generator_and_the_runtime_agree_on_the_class_of_every_code() {
    let tree = load::from_dir(&root().join("specs")).unwrap().unwrap();
    let reviewed = fs::read_to_string(root().join("ecs-sdk/tests/data/error-classes.txt")).unwrap();
    let codes: Vec<_> = reviewed.lines().filter_map(|line| line.split_once(' ')).collect();
    assert!(codes.len() > 2200, "{}", codes.len());
    let no_classes = ErrorClasses::default();
    let classes = Classes::new(&no_classes, &tree.rpc.error_classes);
    for (code, expected) in codes {
        let class = classes.of(code);
        let class = class.and_then(ecs_codegen::spec::Class::variant).unwrap_or_else(|| "-".to_owned());
        assert_eq!(class, expected, "{code}");
    }
}
