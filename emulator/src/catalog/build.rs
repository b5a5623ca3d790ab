//! Turns a catalog file into a catalog, and checks its references.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use super::{
    Catalog, CatalogError, Family, Image, InstanceType, Region,
    file::{Architecture, CatalogFile, FamilyEntry, ImageEntry, RegionEntry, Size, TypeEntry},
    market::Prices,
};
use crate::{clock, ids::Ids, matching, specs::Specs};

/// Disk categories of families that list none, the preferred one first.
pub(super) const MODERN_DISKS: [&str; 2] = ["cloud_essd", "cloud_auto"];

/// Maximum number of data disks of most instance types.
const DATA_DISKS: u32 = 16;

/// Memory of most instance types per vCPU, in GiB.
const MEMORY_PER_CPU: f64 = 4.0;

/// Hourly prices of a vCPU and of 1 GiB of memory in yuan, for types without a price: roughly those of families in use.
const PRICE_PER_CPU: f64 = 0.12;
const PRICE_PER_GIB: f64 = 0.035;

/// Largest numbers of an instance type: far above those of any real one, and small enough that sums of them fit.
const MAX_COUNT: u32 = 10_000;
const MAX_MBPS: u32 = 1_000_000;
const MAX_MEMORY: f64 = 1_000_000.0;

/// Highest price or factor.
const MAX_PRICE: f64 = 1_000_000.0;

impl CatalogFile {
    /// Builds the catalog.
    ///
    /// # Errors
    ///
    /// Returns all mistakes of the file.
    pub(super) fn build(self) -> Result<Catalog, CatalogError> {
        let mut builder = Builder { file: &self, mistakes: Vec::new() };
        let regions: Vec<Region> = self.regions.iter().map(|entry| builder.region(entry)).collect();
        let zones: Vec<&str> = regions.iter().flat_map(|region| &region.zones).map(String::as_str).collect();
        let families: Vec<Arc<Family>> =
            self.families.iter().map(|entry| Arc::new(builder.family(entry, &zones))).collect();
        let types = builder.types(&families);
        let images = self.images.iter().map(|entry| builder.image(entry)).collect();
        builder.check_numbers(&types);
        if !builder.mistakes.is_empty() {
            return Err(CatalogError(builder.mistakes.join("\n")));
        }
        let regions_with_prices = self.prices.regions.unwrap_or_default();
        let prices = Prices {
            regions: regions_with_prices
                .into_iter()
                .map(|entry| (entry.region, entry.currency, entry.factor))
                .collect(),
            subscription_factor: self.prices.subscription_factor.unwrap_or(1.0),
            bandwidth: self.prices.bandwidth_hourly_per_mbps.unwrap_or_default(),
        };
        let catalog = Catalog {
            types,
            families,
            images,
            regions,
            disks: self.disk_categories,
            hosts: self.dedicated_host_types,
            roles: self.ram_roles,
            stock: self.stock,
            prices,
            ..Catalog::default()
        };
        Ok(catalog.indexed())
    }
}

struct Builder<'a> {
    file: &'a CatalogFile,
    mistakes: Vec<String>,
}

impl<'a> Builder<'a> {
    fn mistake(&mut self, place: fmt::Arguments<'_>, problem: impl fmt::Display) {
        self.mistakes.push(format!("{place}: {problem}"));
    }

    fn region(&mut self, entry: &RegionEntry) -> Region {
        let id = &entry.id;
        if entry.zones.is_empty() {
            self.mistake(format_args!("regions, `{id}`"), "it has no zones; list at least one zone ID in `zones`");
        }
        for zone in &entry.zones {
            if !zone.starts_with(id) || zone.len() <= id.len() {
                let problem = format!("the zone `{zone}` must begin with the region ID, such as `{id}-a`");
                self.mistake(format_args!("regions, `{id}`"), problem);
            }
        }
        let english = entry.name.clone().unwrap_or_else(|| id.clone());
        Region {
            id: id.clone(),
            code: entry.code.clone().unwrap_or_else(|| Ids::of(id).suffix(3)),
            names: (entry.name_zh.clone().unwrap_or_else(|| english.clone()), english),
            endpoint: entry.endpoint.clone().unwrap_or_else(|| endpoint(id)),
            zones: entry.zones.clone(),
        }
    }

    fn family(&mut self, entry: &FamilyEntry, zones: &[&str]) -> Family {
        let disks = entry.disks.clone().unwrap_or_else(|| MODERN_DISKS.map(str::to_owned).to_vec());
        for disk in disks.iter().filter(|disk| !self.file.disk_categories.iter().any(|known| known.id == **disk)) {
            let problem = format!("unknown disk category `{disk}`; add it under `disk_categories`");
            self.mistake(format_args!("families, `{}`", entry.id), problem);
        }
        if disks.is_empty() {
            self.mistake(format_args!("families, `{}`", entry.id), "`disks` is empty; list at least one category");
        }
        let sold = entry.zones.as_ref().map(|patterns| {
            let sold = |zone: &&str| patterns.iter().any(|pattern| matching::wildcard(pattern, zone));
            zones.iter().copied().filter(sold).map(str::to_owned).collect::<HashSet<String>>()
        });
        Family {
            name: entry.id.clone(),
            category: entry.category.clone(),
            level: entry.level.clone().unwrap_or_else(|| "EnterpriseLevel".to_owned()),
            generation: entry.generation.clone().unwrap_or_else(|| "ecs-5".to_owned()),
            architecture: if entry.architecture == Some(Architecture::Arm) { "ARM" } else { "X86" },
            processor: entry.processor.clone(),
            frequency: entry.ghz,
            disks,
            nvme: entry.nvme,
            spot: entry.spot.unwrap_or(true),
            zones: sold,
        }
    }

    /// Returns the types that the sizes of families give, with the changes of `instance_types`, then the other types.
    fn types(&mut self, families: &[Arc<Family>]) -> Vec<InstanceType> {
        let mut entries: HashMap<&str, &TypeEntry> =
            self.file.instance_types.iter().map(|entry| (entry.id.as_str(), entry)).collect();
        let mut types = Vec::new();
        for (entry, family) in self.file.families.iter().zip(families) {
            for size in self.sizes(entry) {
                let id = format!("{}.{}", entry.id, size.size);
                let own = entries.remove(id.as_str()).cloned().unwrap_or_default();
                types.push(instance_type(family, &with_size(TypeEntry { id, ..own }, entry, size)));
            }
        }
        let families: HashMap<&str, &Arc<Family>> =
            families.iter().map(|family| (family.name.as_str(), family)).collect();
        for entry in self.file.instance_types.iter().filter(|entry| entries.contains_key(entry.id.as_str())) {
            let family = entry.family.as_deref().or_else(|| entry.id.rsplit_once('.').map(|(family, _)| family));
            let Some(family) = family.and_then(|family| families.get(family)) else {
                let problem = format!("unknown family `{}`; add it under `families`", family.unwrap_or_default());
                self.mistake(format_args!("instance_types, `{}`", entry.id), problem);
                continue;
            };
            if entry.cpu.is_none_or(|cpu| cpu == 0) || entry.memory.is_none_or(|memory| memory <= 0.0) {
                let problem = "`cpu` and `memory` are required, as numbers above 0";
                self.mistake(format_args!("instance_types, `{}`", entry.id), problem);
            }
            types.push(instance_type(family, entry));
        }
        types
    }

    /// Returns the sizes that a family has of its list.
    fn sizes(&mut self, family: &FamilyEntry) -> Vec<&'a Size> {
        let Some(list) = &family.sizes else { return Vec::new() };
        let Some(sizes) = self.file.sizes.get(list) else {
            let problem = format!("unknown list of sizes `{list}`; add it under `sizes`");
            self.mistake(format_args!("families, `{}`", family.id), problem);
            return Vec::new();
        };
        for without in family.without.iter().filter(|without| !sizes.iter().any(|size| size.size == **without)) {
            let problem = format!("`without` has `{without}`, which is not a size in `{list}`");
            self.mistake(format_args!("families, `{}`", family.id), problem);
        }
        sizes.iter().filter(|size| !family.without.contains(&size.size)).collect()
    }

    fn image(&mut self, entry: &ImageEntry) -> Image {
        let architecture = entry.architecture.as_deref().unwrap_or("x86_64");
        if !["x86_64", "arm64", "i386"].contains(&architecture) {
            let problem = format!("unknown architecture `{architecture}`; expected `x86_64`, `arm64` or `i386`");
            self.mistake(format_args!("images, `{}`", entry.id), problem);
        }
        if clock::parse_seconds(&entry.created).is_none() {
            let problem = format!("`created` is `{}`; expected a time such as `2026-01-20T06:00:00Z`", entry.created);
            self.mistake(format_args!("images, `{}`", entry.id), problem);
        }
        Image {
            id: entry.id.clone(),
            family: entry.family.clone(),
            platform: entry.platform.clone(),
            system: entry.name.clone(),
            system_zh: entry.name_zh.clone().unwrap_or_else(|| entry.name.clone()),
            architecture: architecture.to_owned(),
            size: entry.size.unwrap_or(20),
            created: entry.created.clone(),
            cloud_init: entry.cloud_init.unwrap_or(true),
            nvme: entry.nvme.unwrap_or(true),
        }
    }

    /// Rejects numbers out of range, and ranges whose ends are swapped.
    fn check_numbers(&mut self, types: &[InstanceType]) {
        let file = self.file;
        for ty in types {
            let counts = [ty.cpu, ty.interfaces, ty.queues, ty.ipv4, ty.ipv6, ty.data_disks];
            let in_range = counts.iter().all(|count| *count <= MAX_COUNT)
                && ty.bandwidth <= MAX_MBPS
                && ty.memory <= MAX_MEMORY
                && is_price(ty.hourly);
            if !in_range {
                let problem = format!(
                    "a number is out of range: counts are at most {MAX_COUNT}, `mbps` is at most {MAX_MBPS}, `memory` is at \
                     most {MAX_MEMORY}, and prices are from 0 to {MAX_PRICE}"
                );
                self.mistake(format_args!("instance_types, `{}`", ty.id), problem);
            }
        }
        let prices = &file.prices;
        let regions = prices.regions.iter().flatten().map(|entry| entry.factor);
        let factors = prices.subscription_factor.into_iter().chain(prices.bandwidth_hourly_per_mbps).chain(regions);
        let hosts = file.dedicated_host_types.iter().map(|host| host.hourly);
        if !factors.chain(hosts).all(is_price) {
            let problem = format!("a price or factor is out of range: they are from 0 to {MAX_PRICE}");
            self.mistake(format_args!("prices, dedicated_host_types"), problem);
        }
        for disk in &file.disk_categories {
            let levels = disk.performance_levels.iter();
            let ranges = levels.flat_map(|level| [level.system, level.data]).chain([disk.data]).chain(disk.system);
            if ranges.into_iter().any(|(least, most)| least > most) {
                let problem = "the smallest size is above the largest; write `[smallest, largest]`";
                self.mistake(format_args!("disk_categories, `{}`", disk.id), problem);
            }
            let levels = disk.performance_levels.iter().map(|level| level.hourly_per_gib);
            if !levels.chain([disk.hourly_per_gib]).chain(disk.hourly_per_iops).all(is_price) {
                let problem = format!("a price is out of range: prices are from 0 to {MAX_PRICE}");
                self.mistake(format_args!("disk_categories, `{}`", disk.id), problem);
            }
        }
    }
}

fn is_price(price: f64) -> bool {
    (0.0..=MAX_PRICE).contains(&price)
}

/// Adds what the size of a family gives to an entry.
fn with_size(entry: TypeEntry, family: &FamilyEntry, size: &Size) -> TypeEntry {
    let memory_cpus = f64::from(size.memory_cpus.unwrap_or(size.cpu));
    let price = family.hourly_per_cpu.map(|price| price * f64::from(size.cpu));
    TypeEntry {
        cpu: entry.cpu.or(Some(size.cpu)),
        memory: entry.memory.or_else(|| Some(memory_cpus * family.memory_per_cpu.unwrap_or(MEMORY_PER_CPU))),
        hourly: entry.hourly.or(price),
        mbps: entry.mbps.or(Some(size.mbps)),
        pps: entry.pps.or(Some(size.pps)),
        queues: entry.queues.or(Some(size.queues)),
        interfaces: entry.interfaces.or(Some(size.interfaces)),
        ipv4: entry.ipv4.or(Some(size.ipv4)),
        ipv6: entry.ipv6.or(Some(size.ipv6)),
        data_disks: entry.data_disks.or(size.data_disks),
        ..entry
    }
}

/// Creates an instance type. Members that an entry omits are those of small types of a family in use.
fn instance_type(family: &Arc<Family>, entry: &TypeEntry) -> InstanceType {
    let cpu = entry.cpu.unwrap_or(1);
    let memory = entry.memory.unwrap_or(1.0);
    InstanceType {
        id: entry.id.clone(),
        family: Arc::clone(family),
        cpu,
        memory,
        hourly: entry.hourly.unwrap_or_else(|| PRICE_PER_CPU * f64::from(cpu) + PRICE_PER_GIB * memory),
        gpus: entry.gpus.clone(),
        local_disks: entry.local_disks.clone(),
        credits: entry.credits,
        interfaces: entry.interfaces.unwrap_or(3),
        ipv4: entry.ipv4.unwrap_or(6),
        ipv6: entry.ipv6.unwrap_or(6),
        queues: entry.queues.unwrap_or_else(|| cpu.min(8)),
        data_disks: entry.data_disks.unwrap_or(DATA_DISKS),
        bandwidth: entry.mbps.unwrap_or(1000),
        packets: entry.pps.unwrap_or(300_000),
    }
}

/// Returns the public endpoint of a region in the API specs.
fn endpoint(region: &str) -> String {
    let Some(ecs) = Specs::embedded().ok().and_then(|specs| specs.service("ecs")) else { return String::new() };
    let endpoints = &ecs.service.endpoints;
    let exception = endpoints.public_exceptions.get(region);
    exception.cloned().unwrap_or_else(|| endpoints.public.replace("{region}", region))
}
