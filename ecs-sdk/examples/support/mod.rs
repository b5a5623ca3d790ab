//! What the examples share: where they run, and what they may do there.
//!
//! * Without `ALIBABA_CLOUD_ACCESS_KEY_ID` they run on a local ECS, which they start in their own process, and make no
//!   connection to anywhere else.
//! * With `ALIBABA_CLOUD_ECS_ENDPOINT` on this machine (`cargo xtask emulator`) they run there.
//! * Otherwise they run on the account of the access key. There they only read and make dry runs, unless the argument
//!   `--yes` allows them to create, change and release what costs money.

#![allow(dead_code, reason = "each example uses a part of this module")]

use std::{
    fmt::Display,
    net::IpAddr,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, bail};
use ecs_emulator::Emulator;
#[cfg(feature = "instances")]
use ecs_sdk::operation::run_instances::RunInstances;
use ecs_sdk::{
    Client, Config, Credentials,
    system::{BoxFuture, System, TokioSystem},
};
use time::{OffsetDateTime, macros::format_description};

/// Clients, and what they are connected to.
pub(crate) struct Setup {
    pub(crate) ecs: Client,
    #[cfg(feature = "vpc")]
    pub(crate) vpc: ecs_sdk::vpc::Client,
    #[cfg(feature = "cms")]
    pub(crate) cms: ecs_sdk::cms::Client,
    /// Arguments of the command line that are no options.
    pub(crate) arguments: Vec<String>,
    place: Place,
}

enum Place {
    /// A local ECS in this process, which ends with it.
    Own(Emulator),
    /// A local ECS that runs already.
    Loopback(String),
    /// An account of the service.
    Account { may_change: bool },
}

impl Setup {
    /// Makes the clients, and says in a line what they are connected to.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let (options, arguments) =
            std::env::args().skip(1).partition::<Vec<_>, _>(|argument| argument.starts_with("--"));
        if let Some(unknown) = options.iter().find(|option| *option != "--yes") {
            bail!("there is no option `{unknown}`; the examples know `--yes`");
        }
        let endpoint = variable("ALIBABA_CLOUD_ECS_ENDPOINT").filter(|endpoint| is_loopback(endpoint));
        let place = match (variable("ALIBABA_CLOUD_ACCESS_KEY_ID"), endpoint) {
            (_, Some(endpoint)) => Place::Loopback(endpoint),
            (Some(_), None) => Place::Account { may_change: !options.is_empty() },
            (None, None) => Place::Own(Emulator::builder().transition(Duration::from_millis(200)).start().await?),
        };
        let config = match &place {
            Place::Own(emulator) => local(&emulator.endpoint(), Some(Credentials::new("testid", "testsecret")))?,
            Place::Loopback(endpoint) => {
                let known = variable("ALIBABA_CLOUD_ACCESS_KEY_ID").is_some();
                local(endpoint, (!known).then(|| Credentials::new("testid", "testsecret")))?
            }
            Place::Account { .. } => Config::builder().build()?,
        };
        let region = config.region().context("no region is set; set ALIBABA_CLOUD_REGION_ID")?;
        println!(
            "{}\n",
            match &place {
                Place::Own(emulator) => {
                    format!(
                        "No credentials are set: this runs on a local ECS at {}, started for it.",
                        emulator.endpoint()
                    )
                }
                Place::Loopback(endpoint) => format!("This runs on the local ECS at {endpoint}."),
                Place::Account { may_change: false } => {
                    format!(
                        "This runs on your account in {region}, but only reads and checks; --yes lets it make changes."
                    )
                }
                Place::Account { may_change: true } => {
                    format!("This runs on your account in {region} and makes changes, which may cost money.")
                }
            }
        );
        Ok(Self {
            ecs: Client::from(&config),
            #[cfg(feature = "vpc")]
            vpc: ecs_sdk::vpc::Client::from(&config),
            #[cfg(feature = "cms")]
            cms: ecs_sdk::cms::Client::from(&config),
            arguments,
            place,
        })
    }

    /// Whether nothing here costs money.
    pub(crate) fn is_local(&self) -> bool {
        !matches!(self.place, Place::Account { .. })
    }

    /// Whether resources may be created, changed and released; says what is left out when not.
    pub(crate) fn may(&self, what: &str) -> bool {
        let may = !matches!(self.place, Place::Account { may_change: false });
        if !may {
            println!("Left out on a real account: {what}. Pass --yes to do it.");
        }
        may
    }

    /// The local ECS, where it runs in this process and can be told what should happen.
    pub(crate) fn emulator(&self) -> Option<&Emulator> {
        match &self.place {
            Place::Own(emulator) => Some(emulator),
            _ => None,
        }
    }

    /// Client of the metadata server: that of the instance this program runs on, or that of the local ECS.
    pub(crate) fn metadata(&self) -> ecs_sdk::Result<ecs_sdk::metadata::Client> {
        match &self.place {
            Place::Own(emulator) => ecs_sdk::metadata::Client::with_endpoint(emulator.endpoint()),
            Place::Loopback(endpoint) => ecs_sdk::metadata::Client::with_endpoint(endpoint),
            Place::Account { .. } => ecs_sdk::metadata::Client::new(),
        }
    }
}

#[cfg(feature = "instances")]
impl Setup {
    /// Runs instances to work on, and waits until they are running. `order` adds to what is asked for.
    pub(crate) async fn launch(
        &self,
        order: impl FnOnce(RunInstances) -> RunInstances,
    ) -> ecs_sdk::Result<Vec<String>> {
        launch(&self.ecs, order).await
    }

    /// Releases instances, whatever state they are in; done also when an example fails, so that nothing costs on.
    pub(crate) async fn release(&self, ids: &[String]) -> ecs_sdk::Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        match self.ecs.delete_instances().instance_ids(ids).force(true).send().await {
            Ok(_) => println!("\nReleased {}.", ids.join(", ")),
            Err(error) if error.is_not_found() => println!("\nGone already: {}", error.message()),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Like [`Setup::launch`], with a client of any region.
#[cfg(feature = "instances")]
pub(crate) async fn launch(
    client: &Client,
    order: impl FnOnce(RunInstances) -> RunInstances,
) -> ecs_sdk::Result<Vec<String>> {
    let launch = client.run_instances().image_family(IMAGE_FAMILY).instance_type(INSTANCE_TYPE);
    let ids = order(launch.instance_name("ecs-sdk-example")).send().await?.instance_id_sets;
    client.wait_until_instance_running().instance_ids(&ids).wait(Duration::from_secs(300)).await?;
    Ok(ids)
}

/// Image family of what [`Setup::launch`] runs.
pub(crate) const IMAGE_FAMILY: &str = "acs:alibaba_cloud_linux_3_2104_lts_x64";

/// Instance type of what [`Setup::launch`] runs.
pub(crate) const INSTANCE_TYPE: &str = "ecs.g6.large";

/// Where an instance is placed.
#[cfg(all(feature = "vpc", feature = "security-groups"))]
pub(crate) struct Network {
    pub(crate) zone_id: String,
    pub(crate) vswitch_id: String,
    pub(crate) security_group_id: String,
}

#[cfg(all(feature = "vpc", feature = "security-groups"))]
impl Setup {
    /// A vSwitch with free addresses in one of the zones, and a security group of its VPC.
    pub(crate) async fn network(&self, zones: &[String]) -> anyhow::Result<Network> {
        use futures_util::TryStreamExt as _;

        let vswitches: Vec<_> = self.vpc.describe_vswitches().items().try_collect().await?;
        let vswitch = vswitches
            .into_iter()
            .find(|vswitch| zones.contains(&vswitch.zone_id) && vswitch.available_ip_address_count > Some(0))
            .with_context(|| format!("there is no vSwitch with free addresses in {}", zones.join(", ")))?;
        let group = self.ecs.describe_security_groups().vpc_id(&vswitch.vpc_id).items().try_next().await?;
        let security_group_id = match group {
            Some(group) => group.security_group_id,
            None if self.may("creating a security group") => {
                let create = self.ecs.create_security_group().vpc_id(&vswitch.vpc_id);
                create.security_group_name("ecs-sdk-example").send().await?.security_group_id
            }
            None => bail!("the VPC {} has no security group", vswitch.vpc_id),
        };
        Ok(Network { zone_id: vswitch.zone_id, vswitch_id: vswitch.vswitch_id, security_group_id })
    }
}

/// A value that may be absent, as text; empty if it is.
pub(crate) fn shown(value: Option<impl Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The time from now, or with a negative number of seconds before it, as most operations take it.
pub(crate) fn seconds_from_now(seconds: i64) -> anyhow::Result<String> {
    let time = OffsetDateTime::now_utc() + time::Duration::seconds(seconds);
    Ok(time.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"))?)
}

/// The time so many days from now, to the minute, as filters of `DescribeInstances` take it.
pub(crate) fn days_from_now(days: i64) -> anyhow::Result<String> {
    let time = OffsetDateTime::now_utc() + time::Duration::days(days);
    Ok(time.format(format_description!("[year]-[month]-[day]T[hour]:[minute]Z"))?)
}

fn local(endpoint: &str, credentials: Option<Credentials>) -> ecs_sdk::Result<Config> {
    // One address answers for all products.
    let config = Config::builder().endpoint(endpoint).region("cn-hangzhou").system(Hurried::default());
    match credentials {
        Some(credentials) => config.credentials(credentials).build(),
        None => config.build(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the rule is for the SDK's own sources")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest).trim_end_matches('/');
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A runtime for the local ECS, which starts an instance in less than a second: waiters look every quarter of a second
/// instead of every 5 s, so that the examples take no longer than they have to. Limits of calls, which are a minute and
/// more, stay what they are.
#[derive(Debug, Default)]
struct Hurried(TokioSystem);

impl System for Hurried {
    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(if duration <= Duration::from_secs(5) { duration / 20 } else { duration })
    }

    fn random(&self, bytes: &mut [u8]) {
        self.0.random(bytes);
    }
}
