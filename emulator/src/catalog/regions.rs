//! Regions and their zones.

/// A region.
#[derive(Debug)]
pub(crate) struct Region {
    /// ID, such as `cn-hangzhou`.
    pub(crate) id: String,
    /// Region code in the IDs of its resources, after the prefix.
    pub(crate) code: String,
    /// Names in Chinese and in English.
    pub(crate) names: (String, String),
    /// Public endpoint of the service.
    pub(crate) endpoint: String,
    /// IDs of its zones.
    pub(crate) zones: Vec<String>,
}

impl Region {
    /// Whether the region has a zone.
    pub(crate) fn has_zone(&self, id: &str) -> bool {
        self.zones.iter().any(|zone| zone == id)
    }

    /// Returns the names of a zone in Chinese and in English: `华东1（杭州）可用区H`, `Hangzhou Zone H`.
    pub(crate) fn zone_names(&self, zone: &str) -> (String, String) {
        let letter = zone.chars().next_back().unwrap_or_default().to_ascii_uppercase();
        let city = |name: &str, open: char, close: char| {
            let inner = name.split_once(open).and_then(|(_, rest)| rest.split_once(close)).map(|(inner, _)| inner);
            inner.unwrap_or(name).to_owned()
        };
        let (chinese, english) = &self.names;
        (format!("{} 可用区{letter}", city(chinese, '（', '）')), format!("{} Zone {letter}", city(english, '(', ')')))
    }
}
