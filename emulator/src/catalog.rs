//! What the emulated regions have: zones, instance types, public images and prices.

mod data;
pub(crate) mod images;
pub(crate) mod prices;
pub(crate) mod regions;
pub(crate) mod types;

use crate::specs::Specs;

/// The catalog of an emulator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Catalog {
    regions: &'static regions::Regions,
}

impl Catalog {
    /// Returns the catalog that comes with the emulator.
    pub(crate) fn embedded(specs: &'static Specs) -> Self {
        Catalog { regions: regions::Regions::of(specs) }
    }

    /// Returns all regions.
    pub(crate) fn regions(&self) -> &[regions::Region] {
        self.regions.all()
    }

    /// Returns the region with an ID.
    pub(crate) fn region(&self, id: &str) -> Option<&regions::Region> {
        self.regions.find(id)
    }

    /// Returns all instance types.
    pub(crate) fn instance_types(&self) -> &[types::InstanceType] {
        types::all()
    }

    /// Returns the instance type with an ID.
    pub(crate) fn instance_type(&self, id: &str) -> Option<&types::InstanceType> {
        types::find(id)
    }

    /// Returns all public images.
    pub(crate) fn images(&self) -> &[images::Image] {
        images::all()
    }

    /// Returns the public image with an ID.
    pub(crate) fn image(&self, id: &str) -> Option<&images::Image> {
        images::find(id)
    }

    /// Returns the newest public image of a family.
    pub(crate) fn newest_image(&self, family: &str) -> Option<&images::Image> {
        images::newest_of(family)
    }
}
