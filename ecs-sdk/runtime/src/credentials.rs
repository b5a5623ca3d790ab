//! Credentials and credentials providers.
//!
//! The guides are [`guide::credentials`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/credentials/index.html)
//! and [`guide::accounts`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/accounts/index.html).
//!
//! To choose the credentials of a client, pass [`Credentials`] or any other provider to
//! [`Builder::credentials`](crate::builder::Builder::credentials). By default, a client uses the [`DefaultChain`],
//! which tries the following providers in order and keeps the first one that returns credentials:
//!
//! | | Provider | Used when |
//! |---|---|---|
//! | 1 | [`EnvironmentVariables`] | `ALIBABA_CLOUD_ACCESS_KEY_ID` and `ALIBABA_CLOUD_ACCESS_KEY_SECRET` are set; `ALIBABA_CLOUD_SECURITY_TOKEN` adds the security token of a temporary access key |
//! | 2 | [`OidcRole`] | `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` and `ALIBABA_CLOUD_OIDC_TOKEN_FILE` are set, as in Kubernetes pods with RRSA |
//! | 3 | [`CliProfile`] | the CLI's `~/.aliyun/config.json` exists, or `ALIBABA_CLOUD_CONFIG_FILE` names another file, unless `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` is `true` |
//! | 4 | [`CredentialsFile`] | `~/.alibabacloud/credentials` exists, or `ALIBABA_CLOUD_CREDENTIALS_FILE` names another file |
//! | 5 | [`EcsRamRole`] | the program runs on an ECS instance with a RAM role, unless `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is `true` |
//! | 6 | [`CredentialsUri`] | `ALIBABA_CLOUD_CREDENTIALS_URI` is set |
//!
//! If no provider returns credentials, the error lists every provider and why it failed. `ALIBABA_CLOUD_PROFILE`
//! selects the profile of [`CliProfile`] and [`CredentialsFile`]. The chain stops at a provider that is configured but
//! cannot be used, because the next one may have another identity; see [`DefaultChain`].
//!
//! Variables that turn something on accept `true`, `1`, `yes` and `on`, in any letter case. White space around values
//! of variables and files is ignored.
//!
//! Two providers are not part of the chain: [`AssumeRole`], which assumes a role with the credentials of any other
//! provider, and [`ExternalProcess`]. Use them in code, or through a profile of the CLI. For any other source,
//! implement [`ProvideCredentials`]. An [`Arc`](std::sync::Arc) of a provider is also a provider, so clients can share
//! a provider and its cache.
//!
//! Each provider is named after its source. `X::new(…)` creates a provider with the defaults, and `X::builder(…)`
//! creates a builder for one with options.
//!
//! # When the environment is read
//!
//! Nothing is read, run or requested before the first call. After that, environment variables and files are read every
//! time credentials are needed, so changes to a file take effect immediately. The region is different: a region found
//! in a profile is kept for the lifetime of the client. HTTP requests of providers use the client's transport.
//!
//! Files must be regular files of at most 1 MiB. They are read on a separate thread, and a file system that does not
//! respond within 10 seconds is an error.
//!
//! # Caching and refreshing
//!
//! Temporary credentials are cached. They are refreshed 15 minutes before they expire, or when a quarter of their
//! lifetime is left if that is less; use [`Refresh`] to change this. One caller waits for the refresh while all others
//! continue with the cached credentials. A refresh that takes longer than the caller waits is not lost: later callers
//! adopt its result. If a refresh fails, the cached credentials remain in use, and the refresh is retried every 30
//! seconds. Callers that wait for the same refresh share its result.
//!
//! Fetched credentials are never rejected because of a time: the clock of this machine may be wrong. Their lifetime is
//! `Expiration` minus the `Date` of the response that contained them, counted on the monotonic clock. Those without an
//! expiry time, or with one that has already passed, are refreshed after five minutes, and all others after 12 hours at
//! the latest. If a service rejects credentials earlier, they are fetched again immediately, and if that fails, the error
//! states why.
//!
//! # Secrets
//!
//! A tracing event warns once about a file that other users can change.
//!
//! Secrets never appear in errors, in `Debug` output or in spans.

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
mod failure;
mod ini;
mod oidc_role;
mod plan;
mod signed_in;
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
