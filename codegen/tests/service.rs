//! Crates of other products: what is planned for a published file, and what drafts of docs mean.

use std::{fs, path::Path, sync::OnceLock};

use ecs_codegen::{
    Diagnostics, Source,
    draft::{self, Drafts},
    import,
    load::{Folder, Tree},
    scaffold::{self, Error, Options, Plan, Runtime},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rpc() -> Source {
    Source { path: "rpc.json".to_owned(), text: fs::read_to_string(root().join("../specs/rpc.json")).unwrap() }
}

fn options() -> Options {
    Options {
        service: None,
        package: "shop-client".to_owned(),
        runtime: Runtime::Path("../runtime".to_owned()),
        form: "0f".to_owned(),
        rpc: rpc(),
        file: "api-docs.json".to_owned(),
    }
}

fn plan_with(options: &Options) -> Result<Plan, Error> {
    let api = import::read_api(&root().join("tests/service/api-docs.json")).unwrap();
    scaffold::plan(&api, options)
}

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| plan_with(&options()).unwrap_or_else(|error| panic!("{error}")))
}

fn file(path: &str) -> &'static str {
    let mut files = plan().files.iter();
    files.find(|(name, _)| *name == path).unwrap_or_else(|| panic!("{path} is not planned")).1
}

/// The planned specs, as a tree that is not that of the repository.
fn specs() -> Vec<Source> {
    let sources = plan().files.iter().filter_map(|(path, text)| {
        let path = path.strip_prefix("specs/").filter(|path| path.contains('/'))?;
        Some(Source { path: path.to_owned(), text: text.to_owned() })
    });
    sources.collect()
}

/// Checks specs that are not those of the repository.
fn check_with(specs: Vec<Source>, rpc: Source) -> Result<Tree, Diagnostics> {
    ecs_codegen::check(Folder::from(specs).or_rpc(rpc))
}

fn without_draft(text: &str) -> String {
    text.replace("  \"docs\": \"draft\",\n", "")
}

#[test]
fn the_service_has_the_facts_of_the_file() {
    let service: serde_json::Value = serde_json::from_str(file("specs/shop_floor/service.json")).unwrap();
    for (key, value) in
        [("service", "shop_floor"), ("product", "Shop-floor"), ("version", "2024-02-01"), ("gate", "crate")]
    {
        assert_eq!(service[key], value, "{key}");
    }
    let families: Vec<&String> = service["families"].as_object().unwrap().keys().collect();
    assert_eq!(families, ["machines", "metric-data", "tag-resources"]);
    assert_eq!(service["directories"]["标签"], "tag-resources");
    assert_eq!(service["endpoints"]["default"], "shop-floor.aliyuncs.com");
    assert_eq!(service["endpoints"]["public"], "shop-floor.{region}.aliyuncs.com");
    assert_eq!(service["endpoints"]["regions"].as_array().unwrap().len(), 3);
    assert_eq!(service["codes"]["MachineNotFound"], "MACHINE_NO_DOT_NOT_FOUND");
}

#[test]
fn decisions_are_reported() {
    let decisions = plan().decisions.join("\n");
    for decided in ["service `shop_floor` for `Shop-floor`", "families of 2 of 3 folders", "VPC endpoints"] {
        assert!(decisions.contains(decided), "{decided}: {decisions}");
    }
}

#[test]
fn endpoints_that_are_not_hosts_are_reported_with_their_places() {
    let text = fs::read_to_string(root().join("tests/service/api-docs.json")).unwrap();
    let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
    file["endpoints"] = serde_json::json!([
        { "regionId": "cn-a", "endpoint": "https://shop.cn-a.example.com/", "vpc": "shop_vpc" },
        { "regionId": "cn-b", "endpoint": "shop.cn-b.example.com", "vpc": "" },
    ]);
    let text = file.to_string();
    let path = Path::new("x.json");
    let mut plan = scaffold::plan(&import::parse_api(path, &text).unwrap(), &options()).unwrap();
    plan.report.locate(path, &text);
    let found: Vec<_> = plan.report.decisions(import::Decision::Endpoint).collect();
    let details: Vec<String> = found.iter().map(|entry| format!("{}: {}", entry.path, entry.detail)).collect();
    let expected = [
        "endpoints cn-a: `endpoint` `https://shop.cn-a.example.com/` is left out: expected a host such as `ecs.aliyuncs.com`",
        "endpoints cn-a: `vpc` `shop_vpc` is left out: expected a host such as `ecs.aliyuncs.com`",
    ];
    assert_eq!(details, expected);
    let before = &text[..text.find("\"https://shop.cn-a").unwrap()];
    let column = before.chars().count() + 1;
    assert_eq!(found[0].place, format!("x.json:1:{column}"));
}

#[test]
fn methods_and_missing_signatures_are_those_of_the_file() {
    let source = file("src/generated/shop_floor/operation/get_metric_data.rs");
    assert!(source.contains("GetMetricDataResponse, read, anonymous, get\n"), "{source}");
    assert!(source.contains("/// Sent as GET, so all parameters are part of the URL.\n"), "{source}");
    assert!(source.contains("/// Sent without a signature, so the client needs no credentials.\n"), "{source}");
    let source = file("src/generated/shop_floor/operation/create_machine.rs");
    assert!(!source.contains("Sent as") && !source.contains("anonymous"), "{source}");
}

#[test]
fn the_package_is_a_workspace_with_one_dependency() {
    let manifest: toml_edit::DocumentMut = file("Cargo.toml").parse().unwrap();
    assert_eq!(manifest["package"]["name"].as_str(), Some("shop-client"));
    assert!(manifest["workspace"].as_table().unwrap().is_empty());
    assert!(file(".gitattributes").contains("\n* text=auto eol=lf\n"), "generated files are compared byte by byte");
    let dependencies: Vec<&str> = manifest["dependencies"].as_table().unwrap().iter().map(|(name, _)| name).collect();
    assert_eq!(dependencies, ["ecs-sdk-runtime"]);
    assert_eq!(manifest["dependencies"]["ecs-sdk-runtime"]["path"].as_str(), Some("../runtime"));
    let released = Options { runtime: Runtime::Version("0.1".to_owned()), ..options() };
    let plan = plan_with(&released).unwrap();
    let (_, text) = plan.files.iter().find(|(path, _)| *path == "Cargo.toml").unwrap();
    let manifest: toml_edit::DocumentMut = text.parse().unwrap();
    let runtime = &manifest["dependencies"]["ecs-sdk-runtime"];
    assert_eq!((runtime["version"].as_str(), runtime.get("path").is_none()), (Some("0.1"), true));
}

#[test]
fn the_generated_source_names_only_its_own_crate() {
    for (path, text) in plan().files.iter().filter(|(path, _)| path.starts_with("src/")) {
        assert!(!text.contains("ecs_sdk::"), "{path}");
    }
    assert!(file("src/generated/mod.rs").contains("ecs_sdk_runtime::generated_format!(\"0f\");"));
    let operation = file("src/generated/shop_floor/operation/describe_machines.rs");
    assert!(operation.contains("# async fn example(client: shop_client::Client) -> shop_client::Result<()> {"));
    assert!(operation.contains("https://api.alibabacloud.com/document/Shop-floor/2024-02-01/DescribeMachines"));
    assert!(file("README.md").contains("client.describe_machines().send()") || file("README.md").contains("list_tag"));
}

#[test]
fn drafts_of_docs_state_the_facts_and_none_is_empty() {
    let operation = file("src/generated/shop_floor/operation/describe_machines.rs");
    for doc in [
        "/// Calls the operation `DescribeMachines` of Shop-floor.",
        "/// A string. At most 64 characters. Wire name: `MachineName`.",
        "/// A list of structs. At most 20 elements. Wire name: `Tag`.",
        "/// A string with known values. Wire name: `Status`.",
        "/// A documented value. Wire value: `in-repair`.",
        "/// A map of strings. Wire name: `Labels`.",
        "/// A list of strings. Wire name: `Tools`.",
    ] {
        assert!(operation.contains(doc), "{doc}");
    }
    for (path, text) in plan().files.iter().filter(|(path, _)| path.starts_with("src/generated/")) {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let is_empty = |pair: &[&str]| !pair[0].starts_with("///") && pair[1].starts_with("/// Wire name:");
        assert!(!lines.windows(2).any(is_empty), "{path}");
    }
}

#[test]
fn missing_docs_are_counted_in_a_draft_and_required_later() {
    let tree = check_with(specs(), rpc()).unwrap();
    let drafts = draft::drafts(&tree, |_| true);
    let [Drafts { service: "shop_floor", missing, .. }] = drafts[..] else { panic!("{drafts:?}") };
    assert!(missing > 50, "{missing}");
    let mut specs = specs();
    for source in &mut specs {
        source.text = without_draft(&source.text);
    }
    let mistakes = check_with(specs, rpc()).unwrap_err();
    let without_doc = mistakes.list().iter().filter(|mistake| mistake.message.ends_with("has no doc")).count();
    assert_eq!((without_doc, mistakes.list().len()), (missing, missing));
}

#[test]
fn only_missing_docs_are_allowed_in_a_draft() {
    let mut specs = specs();
    let source = specs.iter_mut().find(|source| source.path.ends_with("/DeleteMachine.json")).unwrap();
    source.text = source.text.replacen("\"doc\": \"\"", "\"doc\": \"TODO\"", 1);
    let (_, found) = ecs_codegen::lint(Folder::from(specs).or_rpc(rpc()));
    let about_docs = found.list().iter().filter(|one| one.message.ends_with("doc"));
    let messages: Vec<&str> = about_docs.map(|one| one.message.as_str()).collect();
    assert_eq!(messages, ["`DeleteMachine` has a placeholder as its doc"]);
}

#[test]
fn a_crate_has_exactly_one_service_of_its_own() {
    let in_sdk: Vec<Source> = specs()
        .into_iter()
        .map(|source| Source { text: source.text.replace("\"gate\": \"crate\"", "\"gate\": \"service\""), ..source })
        .collect();
    let error = ecs_codegen::generate_crate(&check_with(in_sdk, rpc()).unwrap(), "x", "0f").unwrap_err();
    assert!(error.contains("set `gate` to `crate`"), "{error}");
    let none = check_with(Vec::new(), rpc()).unwrap();
    assert!(ecs_codegen::generate_crate(&none, "x", "0f").unwrap_err().contains("0 services"));
}

#[test]
fn names_of_services_must_be_modules() {
    for (name, proposal) in [("config", "config_api"), ("R-kvstore", "r_kvstore"), ("9", "service_9")] {
        let error = plan_with(&Options { service: Some(name.to_owned()), ..options() }).unwrap_err().to_string();
        assert!(error.contains(&format!("`{proposal}`")), "{error}");
    }
    let plan = plan_with(&Options { service: Some("shop".to_owned()), ..options() }).unwrap();
    assert!(plan.service == "shop" && plan.files.iter().any(|(path, _)| path == "specs/shop/service.json"));
}

#[test]
fn another_import_of_the_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    plan().files.write(folder.path()).unwrap();
    let (specs, rpc) = (folder.path().join("specs"), root().join("../specs/rpc.json"));
    let api = root().join("tests/service/api-docs.json");
    let report = import::run_with(import::Policy::Accept, &api, &specs, &rpc, "shop_floor", None).unwrap();
    assert_eq!((report.is_unchanged(), report.written.len()), (true, 0), "{report}");
    fs::remove_file(specs.join("shop_floor/machines/DescribeMachines.json")).unwrap();
    let report = import::run_with(import::Policy::Add, &api, &specs, &rpc, "shop_floor", None).unwrap();
    assert_eq!(report.written, [specs.join("shop_floor/machines/DescribeMachines.json")]);
    let text = fs::read_to_string(&report.written[0]).unwrap();
    assert_eq!(text, file("specs/shop_floor/machines/DescribeMachines.json"));
}
