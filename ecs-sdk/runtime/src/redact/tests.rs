use super::*;

const PASSWORD: &str = "SECRETpass+w0rd/\"<&'%é";

fn masked(values: &[&str], text: &str) -> String {
    let mut secrets = Secrets::default();
    values.iter().for_each(|value| secrets.add(value));
    secrets.finder().masked(text).unwrap_or_else(|| text.to_owned())
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::new();
    crate::form::percent_encode(text, &mut out);
    out
}

#[test]
fn secrets_are_masked_however_they_are_escaped() {
    let json = serde_json::to_string(PASSWORD).unwrap();
    let html = PASSWORD.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&#34;").replace('\'', "&#x27;");
    let (once, twice) = (percent_encoded(PASSWORD), percent_encoded(&percent_encoded(PASSWORD)));
    for echo in [
        PASSWORD.to_owned(),
        once.clone(),
        once.to_lowercase(),
        twice.clone(),
        percent_encoded(&twice),
        json.trim_matches('"').to_owned(),
        serde_json::to_string(&json).unwrap().trim_matches('"').trim_matches(['\\', '"']).to_owned(),
        json.trim_matches('"').replace('é', "\\u00e9"),
        html,
        once.replace('%', "%25"),
        PASSWORD.replace('+', " "),
        PASSWORD.to_uppercase().replace('É', "é"),
        PASSWORD.encode_utf16().map(|unit| format!("%u{unit:04X}")).collect(),
        PASSWORD.chars().flat_map(|character| [character, '\0']).collect(),
    ] {
        let text = format!("The password [{echo}] is wrong.");
        assert_eq!(masked(&[PASSWORD], &text), "The password [***] is wrong.", "{echo}");
    }
}

#[test]
fn pairs_of_surrogates_are_one_character() {
    let password = "pw😀abc";
    for echo in [r"pw\ud83d\ude00abc", r"pw\\uD83D\\uDE00abc", "pw%uD83D%uDE00abc"] {
        assert_eq!(masked(&[password], &format!("[{echo}]")), "[***]", "{echo}");
    }
    assert_eq!(masked(&[password], r"[pw\ud83dabc] \ude00 %u"), r"[pw\ud83dabc] \ude00 %u");
}

#[test]
fn encoded_secrets_are_masked() {
    let hex: String = PASSWORD.bytes().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(masked(&[PASSWORD], &format!("[{hex}]")), "[***]");
    for before in ["", "a", "ab", "user:", "Password=", "a=1&Password="] {
        for after in ["", "&", "&a", "&x=1", "&Format=JSON"] {
            let text = format!("{before}{PASSWORD}{after}");
            for encoded in [BASE64_STANDARD.encode(&text), BASE64_URL_SAFE.encode(&text)] {
                let shown = masked(&[PASSWORD], &format!("[{encoded}]"));
                assert!(shown.contains("***") && shown.len() <= text.len() - PASSWORD.len() + 20, "{shown}");
            }
        }
    }
    assert_eq!(masked(&["hunter22"], &BASE64_STANDARD.encode("user:hunter22")), "dXNlcjp***g==");
    // No part of a short value is characteristic.
    assert_eq!(masked(&["hunter"], "aHVudGVy"), "***");
}

#[test]
fn parts_of_secrets_are_masked() {
    let token = "CAISabcdefghijklmnopqrstuvwxyz0123456789";
    assert_eq!(masked(&[token], "token CAISabcdefghijkl (cut)"), "token *** (cut)");
    assert_eq!(masked(&[token], "ends in uvwxyz0123456789!"), "ends in ***!");
    assert_eq!(masked(&[token], "cut by the end: CAISabcd"), "cut by the end: ***");
    assert_eq!(masked(&[token], "cut by the end: CAISabc…"), "cut by the end: ***…");
    assert_eq!(masked(&[token], "cut by the end: CAISabc..."), "cut by the end: ***...");
    assert_eq!(masked(&["hunter22"], "Password=hunter"), "Password=***");
    assert_eq!(
        masked(&[token], r#"{"Token": "CAISabcd...", "Other": "CAISabc"}"#),
        r#"{"Token": "***...", "Other": "***"}"#
    );
    assert_eq!(
        masked(&[token], "<Token>CAISabcd </Token> CAISabcd is no part"),
        "<Token>*** </Token> CAISabcd is no part"
    );
    let script = "#!/bin/sh\nexport PASSWORD=hunter22hunter\nreboot\n";
    assert_eq!(masked(&[script], "line 2:export PASSWORD=hunter22hunter"), "line 2:***");
    assert_eq!(masked(&[&BASE64_STANDARD.encode(script)], "line 2:export PASSWORD=hunter22"), "line 2:***");
}

#[test]
fn elements_of_values_are_masked() {
    assert_eq!(masked(&[r#"{"user": ["hunter22"], "pin": 123456}"#], "hunter22, 123456, user"), "***, ***, user");
    assert_eq!(masked(&["hunter22,secret1"], "not secret1"), "not ***");
}

#[test]
fn codes_are_masked_only_if_they_show_a_secret() {
    let mut secrets = Secrets::default();
    secrets.add("SECRETn4me");
    secrets.add_unknown("NotFound");
    secrets.add_unknown("unkn0wn-value");
    for (code, masked) in [
        ("InvalidInstanceId.NotFound", None),
        ("NotFound", Some("***")),
        ("xSECRETn4mex", Some("x***x")),
        ("Invalid.unkn0wn-value", Some("***")),
        ("Invalidunkn0wn-value", None),
    ] {
        assert_eq!(secrets.masked_code(code).as_deref(), masked, "{code}");
    }
}

#[test]
fn short_values_and_text_without_secrets_stay() {
    let mut secrets = Secrets::default();
    assert!(secrets.finder().masked("text").is_none());
    secrets.add("short");
    secrets.add("");
    secrets.add("longer");
    assert!(secrets.finder().masked("short text: long 100% &amp; \\u12 &#xzz; %z").is_none());
}

#[test]
fn the_work_is_linear_in_text_and_secrets() {
    // With a search for each of the parts, this would take minutes.
    let script: String = (0..4096).map(|line| format!("{line:07}\n")).collect();
    let mut secrets = Secrets::default();
    secrets.add(&script);
    (0..1000).for_each(|number| secrets.add(&format!("value-{number}")));
    let text = percent_encoded(&percent_encoded(&script.repeat(2)));
    assert_eq!(secrets.finder().masked(&text).unwrap(), "***%250A***%250A");
}

proptest::proptest! {
    #[test]
    fn any_text_can_be_masked(value in "\\PC{6,20}", text in "(\\PC|%[0-9a-f]{0,2}|\\\\|&#?x?[0-9]{0,3};?){0,40}") {
        let masked = masked(&[&value], &format!("{text}{value}{text}"));
        let trimmed = value.trim();
        proptest::prop_assert!(trimmed.len() < MIN_LENGTH || trimmed.contains('*') || !masked.contains(trimmed), "{}", masked);
    }
}
