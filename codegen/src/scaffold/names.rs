//! Names of services and packages.

use crate::naming;

/// Names of packages that would hide crates of the language or of the SDK.
const TAKEN: &[&str] = &["alloc", "core", "ecs-sdk-runtime", "proc-macro", "std", "test"];

/// The name of a service for a product, and the reason if it is not merely in lower case: lower-case letters, digits and
/// underscores, starting with a letter, and not the name of a module of the SDK.
pub fn service_name(product: &str) -> (String, Option<&'static str>) {
    let lower = product.to_ascii_lowercase();
    let name = words(&lower).join("_");
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        let name = format!("service_{name}").trim_end_matches('_').to_owned();
        return (name, Some("the name of a module starts with a letter"));
    }
    if naming::is_reserved_module(&name) {
        return (format!("{name}_api"), Some("the SDK or the language uses this name"));
    }
    if naming::is_reserved_file(&name) {
        return (format!("{name}_api"), Some("Windows has no folder of this name"));
    }
    let reason = (name != lower).then_some("only letters, digits and _ can be in the name of a module");
    (name, reason)
}

/// The name of a package for a folder: lower-case letters, digits, dashes and underscores, starting with a letter.
pub fn package_name(folder: &str, service: &str) -> String {
    let name: String = folder.to_ascii_lowercase();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let is_valid = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(fits)
        && !TAKEN.contains(&name.as_str())
        && !naming::is_reserved_file(&name)
        && naming::is_variable(&name);
    if is_valid { name } else { format!("{}-client", service.replace('_', "-")) }
}

/// The words of ASCII letters and digits in a string.
pub(super) fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// A string as a segment of a URL's path.
pub(super) fn in_url(text: &str) -> String {
    let mut url = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_segments_of_urls() {
        assert_eq!(in_url("R-kvstore_v2.1"), "R-kvstore_v2.1");
        assert_eq!(in_url("../云"), "..%2F%E4%BA%91");
    }

    #[test]
    fn names_of_services_are_modules() {
        for (product, name) in [
            ("Rds", "rds"),
            ("R-kvstore", "r_kvstore"),
            ("CloudAPI", "cloudapi"),
            ("dms-enterprise", "dms_enterprise"),
            ("Config", "config_api"),
            ("sts", "sts_api"),
            ("Type", "type_api"),
            ("AUX", "aux_api"),
            ("1688", "service_1688"),
            ("产品", "service"),
            ("foas_v2.1", "foas_v2_1"),
        ] {
            assert_eq!(service_name(product).0, name, "{product}");
            assert_eq!(service_name(name), (name.to_owned(), None), "a name is its own name");
        }
    }

    #[test]
    fn packages_have_the_name_of_their_folder_if_cargo_accepts_it() {
        for (folder, name) in [
            ("rds-client", "rds-client"),
            ("Rds_Client", "rds_client"),
            ("my rds", "r-kvstore-client"),
            ("3rd", "r-kvstore-client"),
            ("std", "r-kvstore-client"),
            ("match", "r-kvstore-client"),
            ("con", "r-kvstore-client"),
        ] {
            assert_eq!(package_name(folder, "r_kvstore"), name);
        }
    }
}
