//! Credentials and credentials providers.
//!
//! A client takes [`Credentials`] or any other provider: `builder.credentials(…)`. By default it uses the [`DefaultChain`],
//! which tries these providers in order and keeps the first that has credentials:
//!
//! | | provider | used when |
//! |---|---|---|
//! | 1 | [`EnvironmentVariables`] | `ALIBABA_CLOUD_ACCESS_KEY_ID` and `ALIBABA_CLOUD_ACCESS_KEY_SECRET` are set; with `ALIBABA_CLOUD_SECURITY_TOKEN` the access key is a temporary one |
//! | 2 | [`OidcRole`] | `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` and `ALIBABA_CLOUD_OIDC_TOKEN_FILE` are set, as in pods with RRSA |
//! | 3 | [`CliProfile`] | there is a `~/.aliyun/config.json` of the CLI, unless `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` is `true` |
//! | 4 | [`CredentialsFile`] | there is a `~/.alibabacloud/credentials`, or `ALIBABA_CLOUD_CREDENTIALS_FILE` names another file |
//! | 5 | [`EcsRamRole`] | the program runs on an instance with a RAM role, unless `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is `true` |
//! | 6 | [`CredentialsUri`] | `ALIBABA_CLOUD_CREDENTIALS_URI` is set |
//!
//! If none has any, the error lists all with the reason of each. `ALIBABA_CLOUD_PROFILE` names the profile of 3 and 4.
//! Two providers are used only when asked for: [`AssumeRole`], on top of any other provider, and [`ExternalProcess`];
//! profiles of the CLI can ask for them too. Your own provider implements [`ProvideCredentials`]. An
//! [`Arc`](std::sync::Arc) of a provider is a provider: clients can share one, and its cache.
//!
//! A provider is named after the place that its credentials come from. `X::new(…)` creates one with the defaults,
//! `X::builder(…)` one with options.
//!
//! **When the environment is read.** Nothing is read, run or requested before the first call. Environment variables and
//! files are then read whenever credentials are needed, so changes to a file take effect immediately. The region is
//! different: one that was found in a profile is kept as long as the client. HTTP requests go through the client's
//! transport.
//!
//! **Temporary credentials** are cached and refreshed 15 minutes before they expire, or when a quarter of their lifetime is
//! left if that is less; [`Refresh`] changes that. One caller refreshes them, all others go on with the cached ones. If a
//! refresh fails, the cached ones are used until they expire, with a new attempt every 30 seconds. Only then calls fail,
//! with the reason. Callers that wait for the same request share its result.
//!
//! **Secrets** are printed nowhere: not in errors, not by `Debug`, not in spans.

mod assume;
mod assume_role;
mod chain;
mod cli_profile;
mod command;
mod credentials_file;
mod credentials_uri;
mod ecs_ram_role;
mod environment;
mod external_process;
mod ini;
mod oidc_role;
mod plan;
#[cfg(test)]
mod tests;

pub use self::{
    assume_role::{AssumeRole, AssumeRoleBuilder},
    chain::{DefaultChain, DefaultChainBuilder},
    cli_profile::{CliProfile, CliProfileBuilder},
    credentials_file::{CredentialsFile, CredentialsFileBuilder},
    credentials_uri::{CredentialsUri, CredentialsUriBuilder},
    ecs_ram_role::{EcsRamRole, EcsRamRoleBuilder},
    environment::EnvironmentVariables,
    external_process::{ExternalProcess, ExternalProcessBuilder},
    oidc_role::{OidcRole, OidcRoleBuilder},
};
#[doc(inline)]
pub use crate::identity::{Context, Credentials, ProvideCredentials, Refresh};
