//! Lists instances, and exports what the SDK did by OTLP.
//!
//! ```text
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 cargo run
//! ```
//!
//! Region and credentials come from the environment; `ALIBABA_CLOUD_ECS_ENDPOINT=http://127.0.0.1:8080` with
//! `cargo xtask emulator --port 8080` needs no account.

mod telemetry;

use futures_util::TryStreamExt as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let collector = std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap_or_else(|_| "http://127.0.0.1:4318".to_owned());
    // The exporter's client is a blocking one, which is not to be made nor dropped by a task.
    let (subscriber, provider) =
        std::thread::spawn(move || telemetry::subscriber(&collector)).join().expect("no panic")?;
    tracing::subscriber::set_global_default(subscriber)?;

    let client = ecs_sdk::Client::from_env()?;
    let instances: Vec<_> = client.describe_instances().items().try_collect().await?;
    println!("{} instances", instances.len());

    tokio::task::spawn_blocking(move || provider.shutdown()).await??;
    Ok(())
}

#[cfg(test)]
mod tests;
