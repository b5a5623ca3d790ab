//! Operations whose docs are a draft: what the linter, the generator and imports do with them.

use std::fs;
use std::path::{Path, PathBuf};

use ecs_codegen::{
    Diagnostics, Source,
    draft::{Draft, Drafts, drafts},
    fix,
    import::{self, Kind, Policy, Report},
    rules::Level,
    starter::starter,
};

fn base(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics/base").join(path)).unwrap()
}

fn source(path: &str, text: impl Into<String>) -> Source {
    Source { path: path.to_owned(), text: text.into() }
}

/// A service with the documented operation `StopThing`, the draft `DescribeThings`, and a type that both use.
fn specs() -> Vec<Source> {
    vec![
        source("rpc.json", base("rpc.json")),
        source("ecs/service.json", base("ecs/service.json").replace("Things of all kinds.", "")),
        source("ecs/glossary.json", r#"{ "ThingId": "ID of the thing." }"#),
        source(
            "ecs/types.json",
            r#"{
              "Mode": { "doc": "How a thing works.", "enum": { "fast": "At full speed.", "calm": "At half speed." } },
              "Speed": { "doc": "How fast a thing is.", "enum": { "slow": "" } },
              "Thing": { "doc": "", "fields": [
                { "name": "ThingId", "type": "string" },
                { "name": "Size", "type": "i64" },
                { "name": "Speed", "type": "Speed", "doc": "How fast it is." }
              ] }
            }"#,
        ),
        source(
            "ecs/boxes/StopThing.json",
            r#"{ "operation": "StopThing", "family": "boxes", "doc": "Stops a thing at once.",
                 "request": [{ "name": "Mode", "type": "Mode", "doc": "How to stop it." }], "response": [] }"#,
        ),
        source(
            "ecs/things/DescribeThings.json",
            r#"{ "operation": "DescribeThings", "family": "things", "read": true, "docs": "draft", "doc": "",
                 "request": [
                   { "name": "Mode", "type": "Mode", "doc": "How it works." },
                   { "name": "Names", "type": ["string"], "wire": "json", "max_items": 9 }
                 ],
                 "response": [{ "name": "Things", "type": ["Thing"], "wire": "list" }, { "name": "Own", "type": "Own" }],
                 "types": { "Own": { "doc": "", "fields": [{ "name": "Count", "type": "i64" }] } } }"#,
        ),
    ]
}

fn replaced(path: &str, from: &str, to: &str) -> Vec<Source> {
    let mut specs = specs();
    let source = specs.iter_mut().find(|source| source.path == path).unwrap();
    assert!(source.text.contains(from), "{from}");
    source.text = source.text.replace(from, to);
    specs
}

fn found(specs: Vec<Source>, level: Level) -> Diagnostics {
    ecs_codegen::lint(specs).1.filter(|one| one.level >= level && one.rule.id != "formatting")
}

fn rules(found: &Diagnostics) -> Vec<String> {
    found.list().iter().map(|one| format!("{} {}", one.rule.id, one.path)).collect()
}

#[test]
fn docs_that_a_draft_reaches_may_be_missing() {
    let found = found(specs(), Level::Info);
    assert_eq!(rules(&found), ["draft ecs/things/DescribeThings.json"], "{found}");
    let shown = found.to_string();
    // The family, the operation, `Names`, `Things`, `Own` and its type, `Count`, `Thing`, `Size`, and the value `slow`.
    assert!(shown.contains("the docs of `DescribeThings` are a draft: 10 docs are missing"), "{shown}");
    assert!(shown.contains("specs/ecs/things/DescribeThings.json:1:76"), "{shown}");
}

#[test]
fn docs_that_no_draft_reaches_are_required() {
    let found = found(replaced("ecs/things/DescribeThings.json", r#""docs": "draft", "#, ""), Level::Warning);
    assert_eq!(found.list().iter().filter(|one| one.rule.id == "missing-doc").count(), 10, "{found}");
    let specs = replaced("ecs/boxes/StopThing.json", r#""doc": "How to stop it.""#, r#""example": "fast""#);
    assert_eq!(rules(&self::found(specs, Level::Warning)), ["missing-doc ecs/boxes/StopThing.json"]);
    let specs = replaced("ecs/glossary.json", "ID of the thing.", "");
    assert_eq!(rules(&self::found(specs, Level::Warning)), ["missing-doc ecs/glossary.json"]);
}

/// They would otherwise be published with the docs of a draft.
#[test]
fn docs_that_finished_operations_use_are_required() {
    let specs = replaced("ecs/types.json", "At half speed.", "");
    let found = found(specs, Level::Info);
    let expected = ["draft ecs/things/DescribeThings.json", "missing-doc ecs/types.json"];
    assert_eq!(rules(&found), expected, "{found}");
    assert!(found.to_string().contains("10 docs are missing"), "{found}");
    let mut specs = specs_with_finished("things", "Thing");
    assert_eq!(
        rules(&self::found(specs.clone(), Level::Warning)),
        [
            "missing-doc ecs/service.json",
            "missing-doc ecs/types.json",
            "missing-doc ecs/types.json",
            "missing-doc ecs/types.json"
        ]
    );
    // Without the draft, the same docs are required.
    specs.retain(|source| !source.path.ends_with("DescribeThings.json"));
    assert_eq!(self::found(specs, Level::Warning).list().iter().filter(|one| one.rule.id == "missing-doc").count(), 4);
}

/// The service of [`specs`], and a finished operation of a family whose response has a list of a shared type.
fn specs_with_finished(family: &str, ty: &str) -> Vec<Source> {
    let mut specs = specs();
    let text = format!(
        r#"{{ "operation": "DescribeThing", "family": "{family}", "read": true, "doc": "Lists things of a region.", "request": [],
              "response": [{{ "name": "Things", "type": ["{ty}"], "wire": "list", "doc": "The things that were found." }}] }}"#
    );
    specs.push(source(&format!("ecs/{family}/DescribeThing.json"), text));
    specs
}

#[test]
fn a_draft_lacks_nothing_but_docs() {
    let specs = replaced("ecs/things/DescribeThings.json", "How it works.", "TODO");
    assert_eq!(rules(&found(specs, Level::Warning)), ["doc ecs/things/DescribeThings.json"]);
}

#[test]
fn docs_that_several_drafts_lack_are_counted_once_in_the_sum() {
    let mut specs = specs();
    let second = specs[5].text.replace("DescribeThings", "ListThings");
    specs.push(source("ecs/things/ListThings.json", second));
    let (tree, _) = ecs_codegen::lint(specs);
    let draft = |operation, path| Draft { operation, path, missing: 10 };
    let operations = vec![
        draft("DescribeThings", "ecs/things/DescribeThings.json"),
        draft("ListThings", "ecs/things/ListThings.json"),
    ];
    // The family, `Thing`, `Size` and `slow` are the same for both.
    assert_eq!(drafts(&tree, |_| true), [Drafts { service: "ecs", operations, missing: 16 }]);
}

#[test]
fn generated_docs_of_a_draft_state_the_facts() {
    let (_, output) = ecs_codegen::generate(specs()).unwrap_or_else(|found| panic!("{found}"));
    let files = [&output.sdk, &output.types];
    let text: String = files.iter().flat_map(|files| files.iter()).map(|(_, text)| text).collect();
    for doc in [
        // Lists of modules show the name once.
        "//! Calls the operation `DescribeThings` of Elastic Compute Service.",
        "/// Calls the operation `DescribeThings` of Elastic Compute Service.",
        "/// A list of strings, sent as JSON. At most 9 elements. Wire name: `Names`.",
        "/// The members of `Thing`.",
        "/// A documented value. Wire value: `slow`.",
        "/// Stops a thing at once.",
        "https://example.com/describethings",
    ] {
        assert!(text.contains(doc), "{doc}");
    }
}

#[test]
fn a_mark_without_missing_docs_is_a_warning_that_can_be_fixed() {
    let mut specs = specs();
    specs[5].text = r#"{ "operation": "DescribeThings", "family": "boxes", "read": true, "docs": "draft",
        "doc": "Lists all things.", "request": [], "response": [] }"#
        .to_owned();
    specs[5].path = "ecs/boxes/DescribeThings.json".to_owned();
    specs[1].text = base("ecs/service.json");
    specs.remove(3);
    specs.remove(2);
    let (tree, found) = ecs_codegen::lint(specs[..2].iter().chain([&specs[3]]).cloned().collect::<Vec<_>>());
    assert_eq!(found.list().iter().filter(|one| one.rule.id == "finished-draft").count(), 1, "{found}");
    let fixed = fix::fix(&tree.sources, &found);
    let text = &fixed.iter().find(|file| file.path.ends_with("DescribeThings.json")).unwrap().text;
    assert!(!text.contains("docs\""), "{text}");
}

#[test]
fn a_mark_in_a_service_that_is_a_draft_is_a_warning() {
    let specs = replaced("ecs/service.json", "\"families\"", "\"docs\": \"draft\", \"families\"");
    let found = found(specs, Level::Warning);
    assert_eq!(rules(&found), ["finished-draft ecs/things/DescribeThings.json"], "{found}");
}

#[test]
fn denied_rules_are_errors() {
    let (_, found) = ecs_codegen::lint(specs());
    let draft = ecs_codegen::rules::find("draft").unwrap();
    assert_eq!((found.count(Level::Error), found.deny(&[draft]).count(Level::Error)), (0, 1));
}

#[test]
fn a_first_version_is_a_draft_that_complies_with_all_rules() {
    let mut folder = specs();
    let new = starter(&folder.clone().into(), "ecs/boxes", "GetBox").unwrap();
    assert!(new.text.contains("\"docs\": \"draft\""), "{}", new.text);
    folder.push(new);
    assert!(found(folder, Level::Warning).is_empty());
}

/// A folder of specs, and imports into it.
struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    fn new(specs: &[Source]) -> Folder {
        let folder = tempfile::tempdir().unwrap();
        for Source { path, text } in specs {
            let path = folder.path().join("specs").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Folder { folder }
    }

    fn specs(&self) -> PathBuf {
        self.folder.path().join("specs")
    }

    fn import(&self, apis: &str) -> Report {
        self.import_with(Policy::Add, apis)
    }

    fn import_with(&self, policy: Policy, apis: &str) -> Report {
        let file = self.folder.path().join("api-docs.json");
        let text = format!(
            r#"{{ "info": {{ "style": "RPC", "product": "Ecs", "version": "2014-05-26" }},
                 "directories": [{{ "title": "Things", "children": ["DescribeThings", "GetThing"] }}, {{ "title": "Crates", "children": ["PutCrate"] }}],
                 "apis": {apis} }}"#
        );
        fs::write(&file, text).unwrap();
        let specs = self.specs();
        import::run_with(policy, &file, &specs, &specs.join("rpc.json"), "ecs", None)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.specs().join(path)).unwrap()
    }

    fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{text}");
        fs::write(self.specs().join(path), text.replace(from, to)).unwrap();
    }

    fn found(&self) -> Diagnostics {
        let folder = ecs_codegen::load::read_folder(&self.specs()).unwrap();
        ecs_codegen::lint(folder).1.filter(|one| one.level >= Level::Warning && one.rule.id != "unused-glossary-entry")
    }
}

/// The service of [`specs`], with all docs.
fn documented() -> Vec<Source> {
    let mut specs = specs();
    specs[1].text = base("ecs/service.json");
    specs[3].text = r#"{ "Mode": { "doc": "How a thing works.", "enum": { "fast": "At full speed.", "slow": "At half speed." } } }"#.to_owned();
    specs.truncate(5);
    specs
}

const NEW: &str = r#"{
    "GetThing": { "parameters": [
        { "name": "Mode", "in": "query", "schema": { "type": "string", "enum": ["fast", "slow", "odd"] } },
        { "name": "Boxes", "in": "query", "style": "repeatList", "schema": { "type": "array", "items": { "type": "object", "properties": { "Size": { "type": "integer" } } } } }
    ] },
    "PutCrate": { "parameters": [] },
    "StopThing": { "parameters": [{ "name": "Mode", "in": "query", "schema": { "type": "string", "enum": ["fast", "slow"] } }] }
}"#;

#[test]
fn imports_write_new_operations_as_drafts() {
    let folder = Folder::new(&documented());
    assert!(folder.found().is_empty(), "{}", folder.found());
    let before = folder.read("ecs/boxes/StopThing.json");
    let report = folder.import(NEW);
    // The new value belongs to a type that the finished `StopThing` uses too.
    assert_eq!(rules(&folder.found()), ["missing-doc ecs/types.json"]);
    let conflicts = report.entries.iter().filter(|entry| entry.kind == Kind::Conflict && entry.owner == "types.json");
    assert_eq!(conflicts.count(), 1, "{report}");
    folder.replace("ecs/types.json", "\"odd\": \"\"", "\"odd\": \"In an odd way.\"");
    assert!(folder.found().is_empty(), "{}", folder.found());
    for path in ["ecs/things/GetThing.json", "ecs/crates/PutCrate.json"] {
        assert!(folder.read(path).contains("\"docs\": \"draft\",\n  \"doc\": \"\""), "{path}");
    }
    assert_eq!(folder.read("ecs/boxes/StopThing.json"), before);
    let report = folder.import(NEW);
    assert!(report.written.is_empty() && report.is_unchanged(), "{report}");
}

#[test]
fn operations_that_gain_members_become_drafts_unless_the_glossary_has_their_docs() {
    let folder = Folder::new(&documented());
    let with = |name: &str| {
        format!(
            r#"{{ "StopThing": {{ "parameters": [
                {{ "name": "Mode", "in": "query", "schema": {{ "type": "string", "enum": ["fast", "slow"] }} }},
                {{ "name": "{name}", "in": "query", "schema": {{ "type": "string" }} }}
            ] }} }}"#
        )
    };
    folder.import(&with("ThingId"));
    assert!(!folder.read("ecs/boxes/StopThing.json").contains("draft"));
    let report = folder.import(&with("Force"));
    assert!(folder.read("ecs/boxes/StopThing.json").contains("\"docs\": \"draft\""), "{report}");
    assert!(report.to_string().contains("+ docs: a draft"), "{report}");
    assert!(folder.found().is_empty(), "{}", folder.found());
    // A mark that a person removes is not written again.
    folder.replace("ecs/boxes/StopThing.json", "  \"docs\": \"draft\",\n", "");
    folder.import(&with("Force"));
    assert!(!folder.read("ecs/boxes/StopThing.json").contains("draft"));
    assert_eq!(rules(&folder.found()), ["missing-doc ecs/boxes/StopThing.json"]);
}

#[test]
fn imports_keep_the_tables_of_error_classes_consistent() {
    let mut specs = documented();
    specs[0].text = r#"{
      "parameters": { "Action": "Name of the operation.", "Version": "Version of the API." },
      "read_verbs": ["Describe", "Get", "List"],
      "error_classes": { "throttling": { "patterns": ["*Busy"] }, "not_found": { "patterns": ["*Missing*", "*Gone"] } },
      "undocumented_codes": { "a tool": ["A.Busy", "B.Missing"], "another tool": ["C.Gone"] }
    }"#
    .to_owned();
    let folder = Folder::new(&specs);
    assert!(folder.found().is_empty(), "{}", folder.found());
    let apis = r#"{ "GetThing": { "parameters": [], "errorCodes": { "404": [
        { "errorCode": "C.Gone" }, { "errorCode": "A.Busy" }, { "errorCode": "Missing.Busy" }
    ] } } }"#;
    let report = folder.import(apis);
    assert!(folder.found().is_empty(), "{}", folder.found());
    let rpc = folder.read("rpc.json");
    assert!(rpc.contains(r#""a tool": ["B.Missing"]"#) && !rpc.contains("another tool"), "{rpc}");
    assert!(rpc.contains(r#""codes": ["Missing.Busy"]"#), "{rpc}");
    let classes = report.entries.iter().filter(|entry| entry.kind == Kind::Decided && entry.owner == "rpc.json");
    assert_eq!(classes.count(), 3, "{report}");
    let report = folder.import(apis);
    assert!(report.written.is_empty(), "{report}");
}

#[test]
fn a_known_error_code_keeps_its_constant_even_if_more_new_operations_document_another() {
    let mut specs = documented();
    specs[4].text = specs[4].text.replace(
        "\"response\": []",
        "\"response\": [], \"errors\": [{ \"code\": \"InvalidThing.Lost\", \"http\": 404 }]",
    );
    let folder = Folder::new(&specs);
    let operation = |name: &str| {
        format!(
            r#""{name}": {{ "parameters": [], "errorCodes": {{ "404": [{{ "errorCode": "Invalid.Thing.Lost" }}] }} }}"#
        )
    };
    let apis = ["GetThing", "PutCrate", "DescribeThings"].map(operation).join(", ");
    let report = folder.import(&format!("{{ {apis} }}"));
    assert!(folder.found().is_empty(), "{}", folder.found());
    assert!(folder.read("ecs/service.json").contains("\"Invalid.Thing.Lost\": \"INVALID_DOT_THING_LOST\""), "{report}");
    assert!(folder.import(&format!("{{ {apis} }}")).written.is_empty());
}

#[test]
fn violations_that_only_a_person_can_mend_are_listed() {
    let folder = Folder::new(&documented());
    let path = "ecs/boxes/StopThing.json";
    folder.replace(path, r#""response": []"#, r#""response": [], "typical": { "Mode": "fast" }"#);
    let number = r#"{ "name": "Mode", "in": "query", "schema": { "type": "integer" } }"#;
    let apis = format!(r#"{{ "StopThing": {{ "parameters": [{number}], "responses": {{ "200": {{}} }} }} }}"#);
    let conflicts = |report: &Report| -> Vec<String> {
        let listed = report.entries.iter().filter(|entry| entry.kind == Kind::Conflict);
        listed.map(|entry| format!("{} {entry}", entry.owner)).collect()
    };
    assert_eq!(conflicts(&folder.import_with(Policy::Add, &apis)), [""; 0]);
    let expected = [
        "StopThing ! invalid typical value of `Mode`; write a value of type `i32`",
        "types.json ! type `Mode` is never used; remove it",
    ];
    assert_eq!(conflicts(&folder.import_with(Policy::Accept, &apis)), expected);
}

#[test]
fn a_parameter_that_is_left_out_makes_no_draft() {
    let folder = Folder::new(&documented());
    let apis = r#"{ "StopThing": { "parameters": [
        { "name": "Mode", "in": "query", "schema": { "type": "string", "enum": ["fast", "slow"] } },
        { "name": "Version", "in": "query", "schema": { "type": "string" } }
    ] } }"#;
    folder.import(apis);
    assert!(folder.read("ecs/boxes/StopThing.json").contains("\"skip\""));
    assert!(folder.found().is_empty(), "{}", folder.found());
}
