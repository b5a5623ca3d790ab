//! Random JSON, both valid and invalid.

use serde_json::json;

use super::{
    super::{from_slice, unread},
    All,
};

/// Pseudo-random numbers, identical in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn json(&mut self, depth: usize) -> serde_json::Value {
        const STRINGS: [&str; 12] =
            ["", "x", "true", "-1", "1e400", "[", "[\"a\"]", "{}", "ü,,", "Red", "99999999999", " 5 "];
        const NAMES: [&str; 23] = [
            "Text",
            "OptionText",
            "Small",
            "Large",
            "Single",
            "Double",
            "Flag",
            "Color",
            "Reason",
            "OptionReason",
            "JsonReason",
            "Map",
            "JsonMap",
            "Texts",
            "Numbers",
            "Colors",
            "Reasons",
            "Wrapped",
            "JsonList",
            "Comma",
            "Children",
            "Level",
            "New",
        ];
        match self.below(if depth == 0 { 7 } else { 12 }) {
            0 => json!(null),
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1000)),
            3 => json!((self.below(1 << 30) as f64 - 1e8) / 64.0),
            4 => json!([i64::MIN, i64::MAX, -1, 1 << 31][self.below(4)]),
            5 => json!(u64::MAX - self.below(3) as u64),
            6 => json!(STRINGS[self.below(STRINGS.len())]),
            7 | 8 => (0..self.below(4)).map(|_| self.json(depth - 1)).collect(),
            _ => {
                let count = self.below(5);
                (0..count).map(|_| (NAMES[self.below(NAMES.len())].to_owned(), self.json(depth - 1))).collect()
            }
        }
    }
}

#[test]
fn random_json_never_panics_and_round_trips() {
    let mut random = Random(0x5eed_5eed);
    let mut read = 0;
    for _ in 0..20_000 {
        let json = random.json(4);
        let mut text = json.to_string().into_bytes();
        if random.below(4) == 0 {
            // Make a quarter of the documents invalid.
            let at = random.below(text.len());
            text[at] = b"\"{}[],:0x\\\xff"[random.below(11)];
        }
        let mut model = All::default();
        if from_slice(&text, &mut model).is_ok() {
            read += 1;
            let written = serde_json::to_string(&model).unwrap();
            let again: All = serde_json::from_str(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
            assert_eq!(again, model, "{written}");
            assert_eq!(unread(written.as_bytes(), &mut All::default()).unwrap(), [""; 0]);
            let _ = format!("{model:?}");
        }
    }
    assert!(read > 1000, "{read}");
}
