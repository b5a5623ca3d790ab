//! Shared by all examples: where they run, and what they are allowed to do.
//!
//! * Without `ALIBABA_CLOUD_ACCESS_KEY_ID`, they start an ECS emulator in their own process, and connect to nothing
//!   else.
//! * If `ALIBABA_CLOUD_ECS_ENDPOINT` is an address of this machine, they run on the emulator there, which `cargo xtask
//!   emulator` starts.
//! * Otherwise, they run on the account of the access key. By default, they only read and make dry runs there. With the
//!   argument `--yes`, they also create, change and release resources, which costs money.

#![allow(dead_code, reason = "each example uses a part of this module")]

use std::{fmt::Display, net::IpAddr, time::Duration};

use anyhow::{Context as _, bail};
use ecs_emulator::Emulator;
#[cfg(feature = "instances")]
use ecs_sdk::operation::run_instances::RunInstances;
use ecs_sdk::{Client, Config, Credentials};
use time::{OffsetDateTime, macros::format_description};

/// The clients, and what they are connected to.
pub(crate) struct Setup {
    pub(crate) ecs: Client,
    #[cfg(feature = "vpc")]
    pub(crate) vpc: ecs_sdk::vpc::Client,
    #[cfg(feature = "cms")]
    pub(crate) cms: ecs_sdk::cms::Client,
    /// Command-line arguments that are not options.
    pub(crate) arguments: Vec<String>,
    target: Target,
}

enum Target {
    /// An emulator in this process.
    OwnEmulator(Emulator),
    /// The endpoint of an emulator that is already running.
    RunningEmulator(String),
    /// An Alibaba Cloud account.
    Account { may_change: bool },
}

impl Setup {
    /// Creates the clients, and prints what they are connected to.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let (options, arguments) =
            std::env::args().skip(1).partition::<Vec<_>, _>(|argument| argument.starts_with("--"));
        if let Some(unknown) = options.iter().find(|option| *option != "--yes") {
            bail!("unknown option `{unknown}`: expected `--yes`");
        }
        let endpoint = variable("ALIBABA_CLOUD_ECS_ENDPOINT").filter(|endpoint| is_loopback(endpoint));
        let target = match (variable("ALIBABA_CLOUD_ACCESS_KEY_ID"), endpoint) {
            (_, Some(endpoint)) => Target::RunningEmulator(endpoint),
            (Some(_), None) => Target::Account { may_change: !options.is_empty() },
            (None, None) => {
                Target::OwnEmulator(Emulator::builder().transition(Duration::from_millis(200)).start().await?)
            }
        };
        let config = match &target {
            Target::OwnEmulator(emulator) => {
                local(&emulator.endpoint(), Some(Credentials::new("testid", "testsecret")))?
            }
            Target::RunningEmulator(endpoint) => {
                let has_key = variable("ALIBABA_CLOUD_ACCESS_KEY_ID").is_some();
                local(endpoint, (!has_key).then(|| Credentials::new("testid", "testsecret")))?
            }
            Target::Account { .. } => Config::builder().build()?,
        };
        let region = config.region().context("no region: set ALIBABA_CLOUD_REGION_ID")?;
        // Not to the output, which may be data for another program.
        eprintln!(
            "{}\n",
            match &target {
                Target::OwnEmulator(emulator) => {
                    format!("No credentials are set. Running on an ECS emulator at {}.", emulator.endpoint())
                }
                Target::RunningEmulator(endpoint) => format!("Running on the ECS emulator at {endpoint}."),
                Target::Account { may_change: false } => {
                    format!(
                        "Running on your account in {region}, with reads and dry runs only. Pass --yes to allow changes."
                    )
                }
                Target::Account { may_change: true } => {
                    format!("Running on your account in {region} with changes allowed, which may cost money.")
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
            target,
        })
    }

    /// Returns whether the example runs on an emulator, where nothing costs money.
    pub(crate) fn is_local(&self) -> bool {
        !matches!(self.target, Target::Account { .. })
    }

    /// Returns whether resources may be created, changed and released. If not, prints how to allow `action`.
    pub(crate) fn may(&self, action: &str) -> bool {
        let may = !matches!(self.target, Target::Account { may_change: false });
        if !may {
            println!("Skipped on your account. To {action}, pass --yes.");
        }
        may
    }

    /// Returns the emulator if it runs in this process, so that the example can control it.
    pub(crate) fn emulator(&self) -> Option<&Emulator> {
        match &self.target {
            Target::OwnEmulator(emulator) => Some(emulator),
            _ => None,
        }
    }

    /// Returns a client of the metadata service: that of the emulator, or that of the instance on which this program
    /// runs.
    pub(crate) fn metadata(&self) -> ecs_sdk::Result<ecs_sdk::metadata::Client> {
        match &self.target {
            Target::OwnEmulator(emulator) => ecs_sdk::metadata::Client::with_endpoint(emulator.endpoint()),
            Target::RunningEmulator(endpoint) => ecs_sdk::metadata::Client::with_endpoint(endpoint),
            Target::Account { .. } => ecs_sdk::metadata::Client::new(),
        }
    }
}

#[cfg(feature = "instances")]
impl Setup {
    /// Creates instances for the example, and waits until they are running. `customize` can change the request.
    pub(crate) async fn launch(
        &self,
        customize: impl FnOnce(RunInstances) -> RunInstances,
    ) -> ecs_sdk::Result<Vec<String>> {
        launch(&self.ecs, customize).await
    }

    /// Releases instances in any state. Examples call it even if they fail, so that no instance continues to cost
    /// money.
    pub(crate) async fn release(&self, ids: &[String]) -> ecs_sdk::Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        match self.ecs.delete_instances().instance_ids(ids).force(true).send().await {
            Ok(_) => println!("\nReleased {}.", ids.join(", ")),
            Err(error) if error.is_not_found() => println!("\nAlready released: {}", error.message()),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Like [`Setup::launch`], but with a client for any region.
#[cfg(feature = "instances")]
pub(crate) async fn launch(
    client: &Client,
    customize: impl FnOnce(RunInstances) -> RunInstances,
) -> ecs_sdk::Result<Vec<String>> {
    let launch = client.run_instances().image_family(IMAGE_FAMILY).instance_type(INSTANCE_TYPE);
    let ids = customize(launch.instance_name("ecs-sdk-example")).send().await?.instance_id_sets;
    client.wait_until_instance_running().instance_ids(&ids).wait(Duration::from_secs(300)).await?;
    Ok(ids)
}

/// The image family of the instances of [`Setup::launch`].
pub(crate) const IMAGE_FAMILY: &str = "acs:alibaba_cloud_linux_3_2104_lts_x64";

/// The instance type of the instances of [`Setup::launch`].
pub(crate) const INSTANCE_TYPE: &str = "ecs.g6.large";

/// The network of a new instance.
#[cfg(all(feature = "vpc", feature = "security-groups"))]
pub(crate) struct Network {
    pub(crate) zone_id: String,
    pub(crate) vswitch_id: String,
    pub(crate) security_group_id: String,
}

#[cfg(all(feature = "vpc", feature = "security-groups"))]
impl Setup {
    /// Finds a vSwitch with available IP addresses in one of the zones, and a security group of its VPC.
    pub(crate) async fn network(&self, zones: &[String]) -> anyhow::Result<Network> {
        let vswitches: Vec<_> = self.vpc.describe_vswitches().items().try_collect().await?;
        let vswitch = vswitches
            .into_iter()
            .find(|vswitch| zones.contains(&vswitch.zone_id) && vswitch.available_ip_address_count > Some(0))
            .with_context(|| format!("no vSwitch with available IP addresses in {}", zones.join(", ")))?;
        let group = self.ecs.describe_security_groups().vpc_id(&vswitch.vpc_id).items().try_next().await?;
        let security_group_id = match group {
            Some(group) => group.security_group_id,
            None if self.may("create a security group") => {
                let create = self.ecs.create_security_group().vpc_id(&vswitch.vpc_id);
                create.security_group_name("ecs-sdk-example").send().await?.security_group_id
            }
            None => bail!("the VPC {} has no security group", vswitch.vpc_id),
        };
        Ok(Network { zone_id: vswitch.zone_id, vswitch_id: vswitch.vswitch_id, security_group_id })
    }
}

/// Formats an optional value. Returns an empty string if it is absent.
pub(crate) fn shown(value: Option<impl Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Returns the time in `seconds` from now, which can be negative, in the format of most operations.
pub(crate) fn seconds_from_now(seconds: i64) -> anyhow::Result<String> {
    let time = OffsetDateTime::now_utc() + time::Duration::seconds(seconds);
    Ok(time.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"))?)
}

/// Returns the time in `days` from now, which can be negative, without seconds, as expected by the filters of
/// `DescribeInstances`.
pub(crate) fn days_from_now(days: i64) -> anyhow::Result<String> {
    let time = OffsetDateTime::now_utc() + time::Duration::days(days);
    Ok(time.format(format_description!("[year]-[month]-[day]T[hour]:[minute]Z"))?)
}

fn local(endpoint: &str, credentials: Option<Credentials>) -> ecs_sdk::Result<Config> {
    // The emulator serves all products at one endpoint.
    let config = Config::builder().endpoint(endpoint).region("cn-hangzhou");
    match credentials {
        Some(credentials) => config.credentials(credentials).build(),
        None => config.build(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the rule is for the SDK, not for programs")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest).trim_end_matches('/');
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
