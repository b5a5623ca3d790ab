//! Derives every Rust name.

mod reserved;

use indexmap::IndexMap;

pub use reserved::CATCH_ALL;
pub(crate) use reserved::ENCODING;
use reserved::{CLIENT_METHODS, KEYWORDS, META, NEVER_RAW, REQUEST_METHODS, RESERVED_MODULES, RESERVED_TYPES};

/// Names that a variant cannot have: a reserved word that cannot be a raw identifier, and the catch-all variant.
const RESERVED_VARIANTS: [&str; 2] = ["Self", CATCH_ALL];

/// Derives names with a service's word table.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Spelling → snake case, longest spelling first.
    words: Vec<(String, String)>,
}

/// A word of a name.
pub(crate) struct Word<'n> {
    /// The word in snake case.
    pub(crate) snake: String,
    /// The characters before the word that are neither letters nor digits.
    pub(crate) separator: &'n str,
    /// The word as spelled in the name.
    pub(crate) spelling: &'n str,
}

impl Names {
    /// Creates the names of a service from its word table.
    pub fn new(words: &IndexMap<String, String>) -> Self {
        let mut words: Vec<_> = words.iter().map(|(word, snake)| (word.clone(), snake.clone())).collect();
        words.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        Self { words }
    }

    /// Name of a field: snake case; plural for repeat lists.
    pub fn field(&self, wire: &str, plural: bool) -> String {
        let snake = self.snake(wire);
        escape(if plural { pluralize(&snake) } else { snake })
    }

    /// Name of a request's field, distinct from the request's methods.
    pub fn parameter(&self, wire: &str, plural: bool) -> String {
        let name = self.field(wire, plural);
        if REQUEST_METHODS.contains(&name.as_str()) { format!("{name}_") } else { name }
    }

    /// Name of a response's field, distinct from the members of every response.
    pub fn response_field(&self, wire: &str, plural: bool) -> String {
        let name = self.field(wire, plural);
        if name == META { format!("{name}_") } else { name }
    }

    /// Name of a module or method of an operation.
    pub fn method(&self, operation: &str) -> String {
        let name = self.snake(operation);
        if CLIENT_METHODS.contains(&name.as_str()) { format!("{name}_") } else { escape(name) }
    }

    /// Name of an operation's fluent request.
    pub fn operation(&self, operation: &str) -> String {
        avoid_reserved(upper_first(operation), "Operation")
    }

    /// Name of a struct or enum.
    pub fn type_name(&self, name: &str) -> String {
        avoid_reserved(upper_first(name), "Type")
    }

    /// Name of a waiter.
    pub fn waiter(&self, name: &str) -> String {
        format!("WaitUntil{}", self.variant(name))
    }

    /// Name of an enum's variant.
    pub fn variant(&self, value: &str) -> String {
        let mut name = String::new();
        for word in self.split(value) {
            let digits_meet =
                name.ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_digit());
            if digits_meet {
                name.push('_');
            }
            name.push_str(&upper_first(&word));
        }
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            name.insert(0, 'V');
        }
        if RESERVED_VARIANTS.contains(&name.as_str()) { name + "Value" } else { name }
    }

    /// Name of a constant.
    pub fn constant(&self, text: &str) -> String {
        let name = self.split(text).join("_").to_ascii_uppercase();
        if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
    }

    fn snake(&self, name: &str) -> String {
        let snake = self.split(name).join("_");
        if snake.is_empty() || snake.starts_with(|c: char| c.is_ascii_digit()) { format!("_{snake}") } else { snake }
    }

    /// Splits a name into lower-case words at `aB`, at `ABc`, at words of the table, and at characters other than letters and
    /// digits.
    fn split(&self, name: &str) -> Vec<String> {
        self.words(name).into_iter().map(|word| word.snake).collect()
    }

    /// The words of a name, with their spelling.
    pub(crate) fn words<'n>(&self, name: &'n str) -> Vec<Word<'n>> {
        let mut words = Vec::new();
        let mut rest = name;
        let mut separator = 0;
        while let Some(first) = rest.chars().next() {
            if !first.is_ascii_alphanumeric() {
                rest = &rest[first.len_utf8()..];
                separator += first.len_utf8();
                continue;
            }
            let (snake, length) = self.table_word(rest).unwrap_or_else(|| {
                let length = word_length(rest.as_bytes());
                (rest[..length].to_ascii_lowercase(), length)
            });
            let start = name.len() - rest.len();
            words.push(Word { snake, separator: &name[start - separator..start], spelling: &rest[..length] });
            rest = &rest[length..];
            separator = 0;
        }
        words
    }

    fn table_word(&self, text: &str) -> Option<(String, usize)> {
        let (word, snake) = self.words.iter().find(|(word, _)| {
            text.strip_prefix(word.as_str()).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
        })?;
        Some((snake.clone(), word.len()))
    }
}

/// Whether a name chosen by hand is valid for a field: a snake_case identifier that is not reserved and does not shadow a
/// method of requests or responses.
pub(crate) fn is_field(name: &str, request: bool) -> bool {
    let identifier = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let reserved = KEYWORDS.contains(&name) || NEVER_RAW.contains(&name);
    let hides = if request { REQUEST_METHODS.contains(&name) } else { name == META };
    identifier && !reserved && !hides
}

/// Whether a name in snake case can name a variable without `r#`.
pub(crate) fn is_variable(name: &str) -> bool {
    let is_reserved = KEYWORDS.contains(&name) || NEVER_RAW.contains(&name);
    name.starts_with(|c: char| c.is_ascii_lowercase()) && !is_reserved
}

/// Whether Windows reserves the name of a file for a device, in any letter case and with any ending: `con`, `NUL.json`.
pub(crate) fn is_reserved_file(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_port = |port: &str| matches!(stem.strip_prefix(port).map(str::as_bytes), Some([b'1'..=b'9']));
    matches!(stem.as_str(), "aux" | "con" | "nul" | "prn") || is_port("com") || is_port("lpt")
}

/// Whether the module of a service cannot have this name.
pub(crate) fn is_reserved_module(name: &str) -> bool {
    RESERVED_MODULES.contains(&name) || KEYWORDS.contains(&name) || NEVER_RAW.contains(&name)
}

/// Whether a struct or enum of this name would be renamed.
pub(crate) fn is_reserved_type(name: &str) -> bool {
    RESERVED_TYPES.contains(&name)
}

/// Whether a name chosen by hand is valid for a constant: words of capitals and digits, separated by single underscores.
pub(crate) fn is_constant(name: &str) -> bool {
    let fits = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.split('_').all(fits)
}

/// Whether a name chosen by hand is valid for a variant.
pub(crate) fn is_variant(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED_VARIANTS.contains(&name)
}

/// Length of the first word of a string that starts with a letter or digit.
fn word_length(text: &[u8]) -> usize {
    let uppers = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let lowers =
        |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()).count();
    match uppers {
        0 | 1 => uppers + lowers(uppers),
        _ if text.get(uppers).is_some_and(u8::is_ascii_lowercase) => uppers - 1,
        _ => uppers + lowers(uppers),
    }
}

fn upper_first(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

/// Plural of a name in lower case.
pub(crate) fn pluralize(name: &str) -> String {
    if name.ends_with("ss")
        || name.ends_with("us")
        || name.ends_with('x')
        || name.ends_with("ch")
        || name.ends_with("sh")
    {
        format!("{name}es")
    } else if name.ends_with('s') {
        name.to_owned()
    } else if let Some(stem) = name.strip_suffix('y')
        && !stem.ends_with(['a', 'e', 'i', 'o', 'u'])
    {
        format!("{stem}ies")
    } else {
        format!("{name}s")
    }
}

fn escape(name: String) -> String {
    if NEVER_RAW.contains(&name.as_str()) {
        format!("{name}_")
    } else if KEYWORDS.contains(&name.as_str()) {
        format!("r#{name}")
    } else {
        name
    }
}

fn avoid_reserved(name: String, suffix: &str) -> String {
    if RESERVED_TYPES.contains(&name.as_str()) { name + suffix } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let words = [("VSwitch", "vswitch"), ("VSwitches", "vswitches"), ("IPv6", "ipv6"), ("vTPM", "vtpm")];
        Names::new(&words.iter().map(|(word, snake)| ((*word).to_owned(), (*snake).to_owned())).collect())
    }

    #[test]
    fn fields_are_snake_case_according_to_the_word_table() {
        for (wire, rust) in [
            ("VSwitchId", "vswitch_id"),
            ("VSwitchIds", "vswitch_ids"),
            ("OSNameEn", "os_name_en"),
            ("KMSKeyId", "kms_key_id"),
            ("GPUAmount", "gpu_amount"),
            ("Ipv6Address", "ipv6_address"),
            ("IPv6Gateway", "ipv6_gateway"),
            ("EnableInstanceIdDnsAAAARecord", "enable_instance_id_dns_aaaa_record"),
            ("timePoints", "time_points"),
            ("Type", "r#type"),
            ("Async", "r#async"),
            ("self", "self_"),
            ("2ndDisk", "_2nd_disk"),
        ] {
            assert_eq!(names().field(wire, false), rust);
        }
        assert_eq!(names().parameter("Send", false), "send_");
    }

    /// The longest word wins, wherever it is in the table: `VSwitches` is not `VSwitch` and `es`.
    #[test]
    fn the_order_of_the_word_table_does_not_matter() {
        let table = [("VSwitch", "vswitch"), ("VSwitches", "vswitches"), ("VSw", "vsw"), ("IPv6", "ipv6")];
        let owned = |(word, snake): &(&str, &str)| ((*word).to_owned(), (*snake).to_owned());
        for names in
            [Names::new(&table.iter().map(owned).collect()), Names::new(&table.iter().rev().map(owned).collect())]
        {
            for (wire, rust) in [
                ("DescribeVSwitches", "describe_vswitches"),
                ("DescribeVSwitchAttributes", "describe_vswitch_attributes"),
                ("VSwRouterIPv6", "vsw_router_ipv6"),
            ] {
                assert_eq!(names.method(wire), rust);
            }
        }
    }

    #[test]
    fn repeat_lists_are_plural() {
        for (wire, rust) in [
            ("Tag", "tags"),
            ("DataDisk", "data_disks"),
            ("Filter", "filters"),
            ("Ipv6Address", "ipv6_addresses"),
            ("SecurityGroupIds", "security_group_ids"),
            ("Status", "statuses"),
            ("Policy", "policies"),
            ("Key", "keys"),
            ("Type", "types"),
        ] {
            assert_eq!(names().field(wire, true), rust);
        }
    }

    #[test]
    fn variants_are_camel_case_and_constants_upper_case() {
        for (value, variant) in [
            ("cloud_essd", "CloudEssd"),
            ("Not-applicable", "NotApplicable"),
            ("PL0", "Pl0"),
            ("x86_64", "X86_64"),
            ("vTPM", "Vtpm"),
            ("zh-CN", "ZhCn"),
            ("1", "V1"),
            ("self", "SelfValue"),
            ("SELF", "SelfValue"),
            ("Unrecognized", "UnrecognizedValue"),
        ] {
            assert_eq!(names().variant(value), variant);
        }
        assert_eq!(names().constant("InvalidVSwitchId.NotFound"), "INVALID_VSWITCH_ID_NOT_FOUND");
    }

    #[test]
    fn names_avoid_the_prelude_and_keywords() {
        assert_eq!(names().operation("Result"), "ResultOperation");
        assert_eq!(names().type_name("Option"), "OptionType");
        assert_eq!(names().method("Match"), "r#match");
        assert_eq!(names().method("DescribeVSwitches"), "describe_vswitches");
    }

    #[test]
    fn operations_do_not_shadow_client_methods_or_mod_rs() {
        for (operation, method) in [("Send", "send_"), ("Clone", "clone_"), ("Mod", "mod_"), ("Self", "self_")] {
            assert_eq!(names().method(operation), method);
        }
    }

    #[test]
    fn response_fields_do_not_shadow_the_metadata() {
        assert_eq!(
            (names().response_field("Meta", false), names().parameter("Meta", false)),
            ("meta_".into(), "meta".into())
        );
    }

    #[test]
    fn names_chosen_by_hand_must_be_valid() {
        for name in ["os_name", "_2nd", "v6"] {
            assert!(is_field(name, true), "{name}");
        }
        for name in ["", "2nd", "osName", "os-name", "type", "self", "send"] {
            assert!(!is_field(name, true), "{name}");
        }
        assert!(is_field("send", false) && is_field("meta", true));
        assert!(!is_field("meta", false), "responses have a method of this name");
        assert!(is_variant("X86_64") && is_variant("Half"));
        for name in ["", "half", "Half Ready", "Half_", "1st", "Self", CATCH_ALL] {
            assert!(!is_variant(name), "{name}");
        }
    }
}
