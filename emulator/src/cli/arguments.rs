//! The arguments, each with its environment variable.

use std::path::PathBuf;

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{FalseyValueParser, NonEmptyStringValueParser},
};
use ecs_emulator::{Faults, Unsimulated};

/// Longest transition, in milliseconds: a day, which is longer than any transition of the service.
const MAX_TRANSITION: u64 = 24 * 60 * 60 * 1000;

/// Longest lifetime of temporary credentials, in seconds: a year. The service's longest is 12 hours.
const MAX_SESSION_LIFE: u64 = 365 * 24 * 60 * 60;

/// Longest ID of an account, in digits: twice as long as those of the service.
const MAX_ACCOUNT_DIGITS: usize = 32;

/// An emulator of Alibaba Cloud ECS.
///
/// Serves the APIs of ECS, and related operations of VPC, CloudMonitor, STS and Location, the metadata service of an
/// instance at /latest, and its own control API at /emulator, until it receives SIGINT (Ctrl-C) or SIGTERM.
#[derive(Parser)]
#[command(name = "ecs-emulator", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) server: Server,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check that an emulator is up: exit with 0 if it is, else with 1
    Health {
        /// Address of the emulator
        #[arg(default_value_t = super::health::default_url())]
        url: String,
    },
}

/// The arguments of the server.
#[derive(Args)]
pub(crate) struct Server {
    /// Host name or IP address to listen at; can be repeated. 0.0.0.0 stands for all IPv4 addresses of the machine
    /// [default: 127.0.0.1 and ::1]
    #[arg(long = "host", env = "ECS_EMULATOR_HOST", value_name = "HOST", value_delimiter = ',')]
    pub(crate) hosts: Vec<String>,
    /// Port of all hosts; 0 chooses a free one
    #[arg(long, env = "ECS_EMULATOR_PORT", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) port: u16,
    /// Accept HTTPS as well as HTTP, at the same port, with a certificate that the emulator makes for localhost, 127.0.0.1
    /// and ::1; the path of the certificate that clients must trust is printed
    #[arg(long, env = "ECS_EMULATOR_TLS", value_parser = FalseyValueParser::new(), conflicts_with = "cert")]
    pub(crate) tls: bool,
    /// Further name or IP address of the certificate, such as ecs.aliyuncs.com or *.aliyuncs.com; can be repeated and
    /// implies --tls
    #[arg(long = "tls-name", env = "ECS_EMULATOR_TLS_NAME", value_name = "NAME", value_delimiter = ',')]
    #[arg(conflicts_with = "cert")]
    pub(crate) tls_names: Vec<String>,
    /// Folder in which the certificate is kept between starts; implies --tls
    #[arg(long, env = "ECS_EMULATOR_TLS_DIR", value_name = "DIR", conflicts_with = "cert")]
    pub(crate) tls_dir: Option<PathBuf>,
    /// Accept HTTPS with your own certificate: a PEM file with the certificate and those of its issuers
    #[arg(long, env = "ECS_EMULATOR_CERT", value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// PEM file with the private key of --cert
    #[arg(long, env = "ECS_EMULATOR_KEY", value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Further host name or address that requests to /emulator and /latest may be for, such as the name of a container; can
    /// be repeated
    #[arg(long = "allow-host", env = "ECS_EMULATOR_ALLOW_HOST", value_name = "NAME", value_parser = host)]
    #[arg(value_delimiter = ',')]
    pub(crate) allowed_hosts: Vec<String>,
    /// Access key to accept in addition to testid=testsecret; can be repeated. A key of another account has its ID, such as
    /// id=secret=1234567890123456
    #[arg(long = "access-key", env = "ECS_EMULATOR_ACCESS_KEY", value_name = "ID=SECRET[=ACCOUNT]", value_parser = access_key)]
    #[arg(value_delimiter = ',', hide_env_values = true)]
    pub(crate) access_keys: Vec<AccessKey>,
    /// Bearer token to accept; can be repeated
    #[arg(long = "bearer", env = "ECS_EMULATOR_BEARER", value_name = "TOKEN")]
    #[arg(value_delimiter = ',', hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) bearers: Vec<String>,
    /// Region of calls that name none
    #[arg(long, env = "ECS_EMULATOR_REGION", default_value = "cn-hangzhou")]
    pub(crate) region: String,
    /// Duration of a state such as Starting, in milliseconds
    #[arg(long, env = "ECS_EMULATOR_TRANSITION", default_value_t = 2000, value_name = "MS")]
    #[arg(allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(..=MAX_TRANSITION))]
    pub(crate) transition: u64,
    /// Maximum lifetime of temporary credentials, in seconds
    #[arg(long, env = "ECS_EMULATOR_SESSION_LIFE", value_name = "SECONDS")]
    #[arg(allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..=MAX_SESSION_LIFE))]
    pub(crate) session_life: Option<u64>,
    /// Seed of generated IDs: with the same seed, the same requests create the same IDs
    #[arg(long, env = "ECS_EMULATOR_ID_SEED", default_value_t = 1, value_name = "NUMBER")]
    #[arg(allow_negative_numbers = true)]
    pub(crate) id_seed: u64,
    /// Faults to inject, such as 500=0.1,delay:200@RunInstances=0.5,execute-drop*2,skew=-3600,seed=7: each with its
    /// probability (=) or the number of requests that it affects (*). The error for an unknown fault lists all faults
    #[arg(long, env = "ECS_EMULATOR_FAULTS", default_value = "", hide_default_value = true)]
    pub(crate) faults: Faults,
    /// Resources at the first start: a JSON file in the form of GET /emulator/state
    #[arg(long, env = "ECS_EMULATOR_SEED", value_name = "FILE")]
    pub(crate) seed: Option<PathBuf>,
    /// Folder that keeps the state, and the certificate of --tls, between starts: the state is saved at the end and loaded at
    /// the start
    #[arg(long, env = "ECS_EMULATOR_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Catalog of your own: a JSON file with regions, instance types, images, stock, prices and RAM roles, which extends or
    /// replaces the built-in one
    #[arg(long, env = "ECS_EMULATOR_CATALOG", value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,
    /// Accept any image, instance type, key pair and other reference to what does not exist, with stand-ins for them; without
    /// it, they are rejected as by the service
    #[arg(long, env = "ECS_EMULATOR_LENIENT", value_parser = FalseyValueParser::new())]
    pub(crate) lenient: bool,
    /// Response to operations that are not simulated: `refuse` with status 501, or `shape` for a response without meaning
    /// that has the names and types of the spec
    #[arg(long, env = "ECS_EMULATOR_UNSIMULATED", value_name = "RESPONSE", default_value_t)]
    pub(crate) unsimulated: Unsimulated,
    /// Write a line about each request to standard output
    #[arg(long, env = "ECS_EMULATOR_ACCESS_LOG", value_name = "FORMAT", default_value = "off")]
    pub(crate) access_log: LogFormat,
}

/// The format of the access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// No access log
    Off,
    /// Time, method, operation or path, region, status, code, duration, request ID, fault
    Text,
    /// A JSON object with these members
    Json,
}

/// An access key.
#[derive(Clone)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// `None` for the account of testid.
    pub(crate) account: Option<String>,
}

fn host(text: &str) -> Result<String, String> {
    let is_host = |char: char| char.is_ascii_alphanumeric() || "-._:[]".contains(char);
    if text.is_empty() || !text.chars().all(is_host) {
        return Err("expected a host name or an IP address, without `http://` and path".to_owned());
    }
    Ok(text.to_owned())
}

fn access_key(text: &str) -> Result<AccessKey, String> {
    let parts: Vec<&str> = text.split('=').collect();
    let (id, secret, account) = match parts[..] {
        [id, secret] => (id, secret, None),
        [id, secret, account] => (id, secret, Some(account)),
        _ => ("", "", None),
    };
    let is_account = |account: &str| {
        (1..=MAX_ACCOUNT_DIGITS).contains(&account.len()) && account.bytes().all(|byte| byte.is_ascii_digit())
    };
    if id.is_empty() || secret.is_empty() || !account.is_none_or(is_account) {
        return Err("expected an access key as ID=SECRET or ID=SECRET=ACCOUNT, with digits as ACCOUNT".to_owned());
    }
    Ok(AccessKey { id: id.to_owned(), secret: secret.to_owned(), account: account.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_flag_has_an_environment_variable() {
        for argument in Arguments::command().get_arguments() {
            let name = argument.get_id().as_str();
            let Some(flag) = argument.get_long().filter(|flag| !["help", "version"].contains(flag)) else { continue };
            let variable = format!("ECS_EMULATOR_{}", flag.replace('-', "_").to_uppercase());
            assert_eq!(argument.get_env().and_then(|env| env.to_str()), Some(variable.as_str()), "{name}");
        }
    }
}
