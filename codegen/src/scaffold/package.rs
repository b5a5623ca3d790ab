//! The files of a package that are written once and then belong to its owner.

use crate::{
    naming::Names,
    spec::{Operation, Service},
};

use super::Options;

/// Edition of the package.
const EDITION: &str = "2024";

/// Oldest compiler, which is that of the runtime.
const RUST_VERSION: &str = "1.88";

/// Where the package finds the runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runtime {
    /// A folder, relative to the package or absolute, with forward slashes.
    Path(String),
    /// A version requirement.
    Version(String),
}

impl Runtime {
    /// The source of the dependency, as in a manifest.
    fn toml(&self) -> String {
        match self {
            Runtime::Path(path) => format!("path = {}", quoted(path)),
            Runtime::Version(version) => format!("version = {}", quoted(version)),
        }
    }
}

/// A string as TOML. Its escapes are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The files, by path.
pub(super) fn files(service: &Service, operations: &[Operation], options: &Options) -> [(String, String); 5] {
    [
        ("Cargo.toml", manifest(service, options)),
        ("README.md", readme(service, operations, options)),
        (".gitignore", "/target\n".to_owned()),
        (".gitattributes", GIT_ATTRIBUTES.to_owned()),
        ("src/lib.rs", LIBRARY.to_owned()),
    ]
    .map(|(path, text)| (path.to_owned(), text))
}

const GIT_ATTRIBUTES: &str = "# All text has Unix line ends, on Windows too: `cargo xtask codegen --check` compares files byte by byte.\n\
     * text=auto eol=lf\n\nsrc/generated/** linguist-generated\nspecs/*schema.json linguist-generated\n";

const LIBRARY: &str = "#![doc = include_str!(\"../README.md\")]

#[rustfmt::skip]
mod generated;

pub use generated::*;
";

fn manifest(service: &Service, options: &Options) -> String {
    let package = &options.package;
    let description = quoted(&format!("Client of {} ({}) of Alibaba Cloud", service.title, service.version));
    let runtime = options.runtime.toml();
    format!(
        r#"[package]
name = "{package}"
description = {description}
version = "0.1.0"
edition = "{EDITION}"
rust-version = "{RUST_VERSION}"
publish = false

# A workspace of its own, so that the package may lie inside another one.
[workspace]

[features]
default = ["gzip", "rustls"]
# TLS with rustls, ring and the root certificates of Mozilla. Takes precedence over `native-tls`.
rustls = ["ecs-sdk-runtime/rustls"]
# TLS of the operating system; on Linux this is OpenSSL and needs its headers.
native-tls = ["ecs-sdk-runtime/native-tls"]
# Decompression of gzip responses.
gzip = ["ecs-sdk-runtime/gzip"]
# HTTP/2 with servers that support it.
http2 = ["ecs-sdk-runtime/http2"]
# SOCKS proxies.
socks = ["ecs-sdk-runtime/socks"]
# Conversions between `Timestamp` and the types of the crates `time`, `chrono` and `jiff`.
time = ["ecs-sdk-runtime/time"]
chrono = ["ecs-sdk-runtime/chrono"]
jiff = ["ecs-sdk-runtime/jiff"]
# Helpers for the tests of programs that use the client.
test-util = ["ecs-sdk-runtime/test-util"]

[dependencies]
ecs-sdk-runtime = {{ {runtime}, default-features = false }}

[dev-dependencies]
# Tests use `test_util`.
{package} = {{ path = ".", default-features = false, features = ["test-util"] }}

[lints.rust]
missing_docs = "warn"
unsafe_code = "forbid"
"#
    )
}

fn readme(service: &Service, operations: &[Operation], options: &Options) -> String {
    let Options { package, file, .. } = options;
    let library = package.replace('-', "_");
    let (title, product, version) = (&service.title, &service.product, &service.version);
    let call = example(service, operations);
    format!(
        "# {package}

Client of {title} (`{product}`, API version {version}) of Alibaba Cloud. The specs in `specs/` were imported from the published
file `{file}`, and the source in `src/generated/` is generated from them.

```rust,no_run
async fn example() -> {library}::Result<()> {{
    // Credentials and region are read from the environment or the configuration of the CLI.
    let client = {library}::Client::from_env()?;
    let response = {call}.await?;
    println!(\"{{response:?}}\");
    Ok(())
}}
```

Every operation is a method of the client, and `client.call(\"Name\")` calls one that this version does not know. Calls need a
tokio runtime.

## Work on it

Run these commands in a checkout of ecs-sdk; `DIR` is the folder of this crate.

| task | command |
|---|---|
| take over a newer published file | `cargo xtask spec import FILE --crate DIR` |
| check the specs | `cargo xtask spec lint --crate DIR` |
| format the specs | `cargo xtask spec fmt --crate DIR` |
| generate the source again | `cargo xtask codegen --crate DIR` |
| check that the source is up to date | `cargo xtask codegen --crate DIR --check` |

- `specs/{service}/service.json` has the title, the endpoints, and the families, which are the folders of the operations.
  `directories` maps the folders of the published file to families. To rename a family, change its name in `families` and
  `directories`, rename its folder, change `family` in the files of that folder, and generate the source again.
- The docs are a draft: they state names, types and limits, and link to the pages of the service. Write them as `doc` in the
  specs, or in `glossary.json` for names with the same meaning everywhere. Then remove `\"docs\": \"draft\"` from
  `service.json`, and the linter requires every doc. To go step by step, move the mark to the operations that still lack docs.
- `Cargo.toml`, `src/lib.rs` and this file are yours; nothing overwrites them.
",
        service = service.service,
    )
}

/// A call without parameters, if an operation that only reads has one.
fn example(service: &Service, operations: &[Operation]) -> String {
    let is_simple = |operation: &&Operation| {
        operation.read && !operation.deprecated && operation.request.iter().all(|field| !field.required)
    };
    match operations.iter().find(is_simple) {
        Some(operation) => {
            format!("client.{}().send()", Names::new(&service.words).method(&operation.operation))
        }
        None => {
            let name = operations.first().map_or("DescribeRegions", |operation| operation.operation.as_str());
            format!("client.call(\"{name}\").send()")
        }
    }
}
