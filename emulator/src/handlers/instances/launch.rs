//! The specification of new instances, checked before anything is created.

mod billing;
mod disks;
mod image;
mod interfaces;
mod network;
mod template;
mod values;

use std::{borrow::Cow, net::Ipv4Addr};

use time::OffsetDateTime;

pub(super) use billing::{auto_release_time, subscription_period};
pub(super) use disks::DiskOrder;
pub(in crate::handlers) use image::{LaunchImage, by_id as image_by_id, read as read_image};
pub(super) use interfaces::InterfaceOrder;
pub(super) use network::{Place, default_incoming, ipv6_addresses, private_address};
pub(super) use template::complete;
pub(super) use values::{check_host_name, user_data};

use crate::{
    args::Args,
    call::Call,
    catalog::{InstanceType, Region},
    clock::Period,
    error::{EcsError, Result},
    handlers::stand_ins,
    resources::{Internet, Renewal, Spot},
};

/// Instances to create.
#[derive(Debug)]
pub(super) struct Launch<'a> {
    pub(super) region: &'a Region,
    pub(super) place: Place,
    pub(super) groups: Vec<String>,
    pub(super) image: LaunchImage,
    pub(super) instance_type: Cow<'a, InstanceType>,
    pub(super) subscription: Option<Period>,
    pub(super) renewal: Renewal,
    pub(super) spot: Spot,
    pub(super) internet: Internet,
    /// Options of the primary network interface.
    pub(super) primary: Args,
    /// Private addresses of the instances that the request determines.
    pub(super) private_ips: Vec<Ipv4Addr>,
    /// The other network interfaces of each instance.
    pub(super) interfaces: Vec<InterfaceOrder>,
    pub(super) system_disk: DiskOrder,
    pub(super) data_disks: Vec<DiskOrder>,
    pub(super) auto_release: Option<OffsetDateTime>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) user_data: String,
}

impl<'a> Launch<'a> {
    /// Reads and checks the arguments of a request for a number of instances.
    pub(super) fn read(call: &mut Call<'a>, amount: u32) -> Result<Self> {
        let region = call.region()?;
        let image = image::read(call, region)?;
        let instance_type = instance_type(call)?;
        if !instance_type.runs(&image.architecture) && !call.lenient {
            let message =
                format!("The image {} is for {}, which {} is not.", image.id, image.architecture, instance_type.id);
            return Err(call.error("ImageNotSupportInstanceType", 403, message));
        }
        values::check(call, &region.id, &image, amount)?;
        let subscription = billing::subscription(call)?;
        stand_ins::network(call)?;
        let interfaces::Entries { primary, secondary } = interfaces::entries(call)?;
        if amount > 1 && primary.get("Ipv6Address").is_some() {
            let message = "Ipv6Address can be set for one instance only; set Amount to 1, or use Ipv6AddressCount.";
            return Err(call.error("InvalidParam.Amount", 403, message));
        }
        let first = secondary.iter().find_map(|entry| entry.string("VSwitchId"));
        let vswitch = primary.string("VSwitchId").or(first);
        let place = network::place(call, region, &instance_type, (vswitch, amount))?;
        let groups = network::groups(call, region, &primary, &place.vpc)?;
        let private_ips = network::private_addresses(call, primary.string("PrimaryIpAddress"), &place.vswitch, amount)?;
        let interfaces = interfaces::secondary(call, region, secondary, (&instance_type, amount), (&place, &groups))?;
        Ok(Launch {
            spot: billing::spot(call, &instance_type, &place.zone, subscription.is_some())?,
            renewal: billing::renewal(call)?,
            internet: network::internet(call)?,
            system_disk: disks::system(call, &image, &instance_type)?,
            data_disks: disks::data(call, region, &image, &instance_type)?,
            auto_release: billing::auto_release(call, subscription.is_some())?,
            tags: call.new_tags()?,
            user_data: user_data(call)?,
            region,
            place,
            groups,
            image,
            instance_type,
            subscription,
            primary,
            private_ips,
            interfaces,
        })
    }
}

fn instance_type<'a>(call: &Call<'a>) -> Result<Cow<'a, InstanceType>> {
    let id = call.args.string("InstanceType").ok_or_else(|| EcsError::missing("InstanceType"))?;
    call.instance_type(id).ok_or_else(|| {
        let message =
            format!("The instance type {id:?} does not exist; DescribeInstanceTypes lists the available types.");
        call.error("InvalidInstanceType.ValueNotSupported", 400, message)
    })
}
