//! Regions: the list comes from the specs, names and zones from `data/regions.json`.

use std::{collections::HashMap, sync::OnceLock};

use serde_json::Value;

use crate::{ids, specs::Specs};

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

/// All regions, in the order of the specs.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    list: Vec<Region>,
    places: HashMap<String, usize>,
}

impl Regions {
    /// Returns the regions of the specs; they are read once for the whole program.
    pub(crate) fn of(specs: &'static Specs) -> &'static Regions {
        static REGIONS: OnceLock<Regions> = OnceLock::new();
        REGIONS.get_or_init(|| Regions::read(specs))
    }

    fn read(specs: &Specs) -> Regions {
        let facts: Value = serde_json::from_str(include_str!("../../data/regions.json")).unwrap_or_default();
        let Some(ecs) = specs.service("ecs") else { return Regions::default() };
        let endpoints = &ecs.service.endpoints;
        let list: Vec<Region> = endpoints
            .regions
            .iter()
            .map(|id| {
                region(id, &facts[id], |id| {
                    let exception = endpoints.public_exceptions.get(id);
                    exception.cloned().unwrap_or_else(|| endpoints.public.replace("{region}", id))
                })
            })
            .collect();
        let places = list.iter().enumerate().map(|(place, region)| (region.id.clone(), place)).collect();
        Regions { list, places }
    }

    /// Returns all regions.
    pub(crate) fn all(&self) -> &[Region] {
        &self.list
    }

    /// Returns the region with an ID.
    pub(crate) fn find(&self, id: &str) -> Option<&Region> {
        self.places.get(id).map(|place| &self.list[*place])
    }
}

fn region(id: &str, facts: &Value, endpoint: impl Fn(&str) -> String) -> Region {
    let text = |name: &str, other: &str| facts[name].as_str().unwrap_or(other).to_owned();
    // Zone IDs are `cn-hangzhou-b` in Chinese regions and `eu-central-1a` in others.
    let separator = if id.starts_with("cn-") { "-" } else { "" };
    Region {
        id: id.to_owned(),
        code: text("code", &ids::Ids::of(id).suffix(3)),
        names: (text("zh", id), text("en", id)),
        endpoint: endpoint(id),
        zones: text("zones", "ab").chars().map(|zone| format!("{id}{separator}{zone}")).collect(),
    }
}
