//! Offers of the emulated regions: regions and zones, instance types, images, disks, stock and prices, and the RAM roles of
//! the account.

mod build;
mod builtin;
mod file;
mod images;
pub(crate) mod market;
mod quote;
mod read;
mod regions;
mod stand_in;
#[cfg(test)]
mod tests;
mod types;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

pub(crate) use file::{DiskCategory, HostType, PerformanceLevel, RamRole};
pub(crate) use images::Image;
pub(crate) use market::{Market, PriceRule, StockRule};
pub(crate) use quote::{Quote, Term};
pub use read::CatalogError;
pub(crate) use regions::Region;
pub use types::Stock;
pub(crate) use types::{Family, InstanceType};

use file::Extends;
use market::Prices;

/// Offers of the emulated regions. It does not change while the emulator runs; [`Market`] holds the stock and prices that do.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    types: Vec<InstanceType>,
    families: Vec<Arc<Family>>,
    images: Vec<Image>,
    regions: Vec<Region>,
    disks: Vec<DiskCategory>,
    hosts: Vec<HostType>,
    roles: Vec<RamRole>,
    stock: Vec<StockRule>,
    prices: Prices,
    /// Places in the lists, by ID.
    index: Index,
}

#[derive(Debug, Default)]
struct Index {
    types: HashMap<String, usize>,
    images: HashMap<String, usize>,
    regions: HashMap<String, usize>,
}

static BUILTIN: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    // A unit test checks that the embedded files are valid.
    Arc::new(builtin::file().and_then(file::CatalogFile::build).unwrap_or_default())
});

impl Catalog {
    /// Returns the built-in catalog, which is read on first use.
    pub(crate) fn embedded() -> &'static Arc<Catalog> {
        &BUILTIN
    }

    /// Reads a catalog file. It extends the built-in catalog unless it says otherwise.
    ///
    /// # Errors
    ///
    /// Returns an error that names the place of each mistake and how to repair it.
    pub(crate) fn read(json: &str) -> Result<Catalog, CatalogError> {
        let own = read::parse(json)?;
        let mut file = match own.extends {
            Extends::Builtin => builtin::file()?,
            Extends::Nothing => file::CatalogFile::default(),
        };
        file.extend(own);
        file.build()
    }

    /// Fills the indexes.
    fn indexed(mut self) -> Self {
        fn places<T>(items: &[T], id: impl Fn(&T) -> &String) -> HashMap<String, usize> {
            items.iter().enumerate().map(|(place, item)| (id(item).clone(), place)).collect()
        }
        self.index = Index {
            types: places(&self.types, |ty| &ty.id),
            images: places(&self.images, |image| &image.id),
            regions: places(&self.regions, |region| &region.id),
        };
        self
    }

    /// Returns all instance types.
    pub(crate) fn instance_types(&self) -> &[InstanceType] {
        &self.types
    }

    /// Returns the instance type with an ID.
    pub(crate) fn instance_type(&self, id: &str) -> Option<&InstanceType> {
        self.index.types.get(id).map(|place| &self.types[*place])
    }

    /// Returns a stand-in for an instance type that the catalog does not have, of the size that its name implies.
    pub(crate) fn stand_in(id: &str) -> InstanceType {
        stand_in::instance_type(id)
    }

    /// Returns all instance families.
    pub(crate) fn families(&self) -> &[Arc<Family>] {
        &self.families
    }

    /// Returns all public images, the newest first.
    pub(crate) fn images(&self) -> &[Image] {
        &self.images
    }

    /// Returns the public image with an ID.
    pub(crate) fn image(&self, id: &str) -> Option<&Image> {
        self.index.images.get(id).map(|place| &self.images[*place])
    }

    /// Returns the newest public image of a family.
    pub(crate) fn newest_image(&self, family: &str) -> Option<&Image> {
        self.images.iter().filter(|image| image.family == family).max_by_key(|image| &image.created)
    }

    /// Returns all regions.
    pub(crate) fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Returns the region with an ID.
    pub(crate) fn region(&self, id: &str) -> Option<&Region> {
        self.index.regions.get(id).map(|place| &self.regions[*place])
    }

    /// Returns all disk categories.
    pub(crate) fn disk_categories(&self) -> &[DiskCategory] {
        &self.disks
    }

    /// Returns the disk category with an ID.
    pub(crate) fn disk_category(&self, id: &str) -> Option<&DiskCategory> {
        self.disks.iter().find(|disk| disk.id == id)
    }

    /// Returns all types of dedicated hosts.
    pub(crate) fn host_types(&self) -> &[HostType] {
        &self.hosts
    }

    /// Returns the RAM role of the account with a name.
    pub(crate) fn ram_role(&self, name: &str) -> Option<&RamRole> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// Returns the RAM roles of the account.
    pub(crate) fn ram_roles(&self) -> &[RamRole] {
        &self.roles
    }
}

/// Returns the JSON Schema of a catalog file.
#[doc(hidden)]
pub fn catalog_schema() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    let schema = settings.into_generator().into_root_schema_for::<file::CatalogFile>();
    // A schema consists of JSON values, so writing it cannot fail.
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}
