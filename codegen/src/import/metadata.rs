//! Reads descriptions of an API: api-docs files, and the metadata of the CLI, which has one file per operation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::ApiDocs;
use super::drift::Detail;
use super::tree::{self, Error};

/// Files beside the metadata of operations.
const VERSION_FILE: &str = "version.json";
const PRODUCTS_FILE: &str = "products.json";

/// A description of an API.
#[derive(Debug, Clone)]
pub struct Published {
    /// The file or folder.
    pub path: PathBuf,
    /// The API.
    pub api: ApiDocs,
    /// Its extent.
    pub detail: Detail,
}

/// Metadata of an operation.
#[derive(Debug, Deserialize)]
struct Metadata {
    name: String,
    #[serde(default, rename = "pathPattern")]
    path: String,
    parameters: Option<Vec<Parameter>>,
}

/// A parameter, or a member of one.
#[derive(Debug, Deserialize)]
struct Parameter {
    name: String,
    #[serde(default, rename = "type")]
    ty: String,
    #[serde(default)]
    required: bool,
    #[serde(default, alias = "subParameters")]
    sub_parameters: Vec<Parameter>,
}

/// Reads api-docs files, metadata of operations, and folders of either. Metadata of operations in one folder is one
/// description. It has all operations of the API only if the folder itself is named.
///
/// # Errors
///
/// Returns an error if a path cannot be read, or if a file is neither an api-docs file nor the metadata of an operation.
pub fn read_published(paths: &[PathBuf]) -> Result<Vec<Published>, Error> {
    let mut published: Vec<Published> = Vec::new();
    let mut operations: BTreeMap<PathBuf, Vec<Metadata>> = BTreeMap::new();
    for path in paths {
        if path.is_dir() {
            published.push(read_folder(path)?);
            continue;
        }
        let value = read_json(path)?;
        if value.get("apis").is_some_and(Value::is_object) && value.get("info").is_some() {
            published.push(api_docs(path)?);
        } else {
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            operations.entry(folder).or_default().push(operation(path, value)?);
        }
    }
    for (folder, operations) in operations {
        let detail = Detail { is_complete: false, is_full: false };
        published.push(Published { api: to_api(&folder, operations)?, path: folder, detail });
    }
    Ok(published)
}

fn read_folder(folder: &Path) -> Result<Published, Error> {
    let docs = folder.join("api-docs.json");
    if docs.is_file() {
        return api_docs(&docs);
    }
    let mut operations = Vec::new();
    for path in tree::entries(folder)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_file() && name.ends_with(".json") && name != VERSION_FILE && name != PRODUCTS_FILE {
            operations.push(operation(&path, read_json(&path)?)?);
        }
    }
    if operations.is_empty() {
        let message =
            "the folder has neither an api-docs.json nor metadata of operations; name the folder of one product";
        return Err(tree::failed(folder, message));
    }
    let detail = Detail { is_complete: true, is_full: false };
    Ok(Published { api: to_api(folder, operations)?, path: folder.to_owned(), detail })
}

fn api_docs(path: &Path) -> Result<Published, Error> {
    Ok(Published { path: path.to_owned(), api: super::read_api(path)?, detail: Detail::FULL })
}

fn read_json(path: &Path) -> Result<Value, Error> {
    let text = tree::read_text(path)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    serde_json::from_str(text).map_err(|error| tree::failed(path, format!("broken JSON: {error}")))
}

fn operation(path: &Path, value: Value) -> Result<Metadata, Error> {
    let expected = "expected an api-docs file, or the metadata of an operation with `name` and `parameters`";
    if value.get("name").is_none() || value.get("parameters").is_none() {
        return Err(tree::failed(path, expected));
    }
    let metadata: Metadata =
        serde_json::from_value(value).map_err(|error| tree::failed(path, format!("{error}; {expected}")))?;
    match metadata.path.as_str() {
        "" | "/" => Ok(metadata),
        pattern => Err(tree::failed(
            path,
            format!("`{}` has the path {pattern}; specs have RPC operations only", metadata.name),
        )),
    }
}

/// The API that metadata of operations in a folder describes.
fn to_api(folder: &Path, operations: Vec<Metadata>) -> Result<ApiDocs, Error> {
    let absolute = folder.canonicalize().map_err(|error| tree::failed(folder, error))?;
    let product = absolute.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let apis: serde_json::Map<String, Value> = operations
        .into_iter()
        .map(|operation| {
            let parameters: Vec<Value> = operation.parameters.iter().flatten().map(parameter).collect();
            (operation.name, json!({ "parameters": parameters }))
        })
        .collect();
    let info = json!({ "product": product, "version": version(&absolute, product), "style": "RPC" });
    serde_json::from_value(json!({ "info": info, "apis": apis })).map_err(|error| tree::failed(folder, error))
}

/// The version of a product: that of its `version.json`, or of the list of products beside its folder; empty if neither
/// has it.
fn version(folder: &Path, product: &str) -> String {
    let of_folder = read_json(&folder.join(VERSION_FILE)).ok();
    let of_products = || {
        let products = read_json(&folder.parent()?.join(PRODUCTS_FILE)).ok()?;
        let is_product = |entry: &&Value| entry["code"].as_str().is_some_and(|code| code.eq_ignore_ascii_case(product));
        products["products"].as_array()?.iter().find(is_product).cloned()
    };
    let entry = of_folder.or_else(of_products).unwrap_or_default();
    entry["version"].as_str().unwrap_or_default().to_owned()
}

fn parameter(parameter: &Parameter) -> Value {
    let style = match parameter.ty.as_str() {
        "RepeatList" => "repeatList",
        "Struct" => "flat",
        "Array" => "json",
        _ => return json!({ "name": parameter.name, "schema": schema(parameter) }),
    };
    json!({ "name": parameter.name, "style": style, "schema": schema(parameter) })
}

fn schema(parameter: &Parameter) -> Value {
    let members = || -> serde_json::Map<String, Value> {
        parameter.sub_parameters.iter().map(|member| (member.name.clone(), schema(member))).collect()
    };
    let required = parameter.required;
    match parameter.ty.as_str() {
        "Boolean" => json!({ "type": "boolean", "required": required }),
        "Integer" => json!({ "type": "integer", "format": "int32", "required": required }),
        "Long" => json!({ "type": "integer", "format": "int64", "required": required }),
        "Float" => json!({ "type": "number", "format": "float", "required": required }),
        "Double" => json!({ "type": "number", "format": "double", "required": required }),
        "RepeatList" | "Array" if parameter.sub_parameters.is_empty() => {
            json!({ "type": "array", "required": required })
        }
        "RepeatList" | "Array" => {
            json!({ "type": "array", "required": required, "items": { "type": "object", "properties": members() } })
        }
        "Struct" | "Object" | "Map" => json!({ "type": "object", "required": required, "properties": members() }),
        _ => json!({ "type": "string", "required": required }),
    }
}
