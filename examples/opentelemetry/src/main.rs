//! Lists instances, and exports the spans of the SDK through OTLP.
//!
//! ```text
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 cargo run
//! ```
//!
//! The region and the credentials come from the environment. To run it without an account, start `cargo xtask emulator
//! --port 8080` and set `ALIBABA_CLOUD_ECS_ENDPOINT=http://127.0.0.1:8080`.

mod telemetry;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let collector = std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap_or_else(|_| "http://127.0.0.1:4318".to_owned());
    // The exporter uses a blocking HTTP client, which must not be created or dropped in an async task.
    let (subscriber, provider) =
        std::thread::spawn(move || telemetry::subscriber(&collector)).join().expect("the thread does not panic")?;
    tracing::subscriber::set_global_default(subscriber)?;

    let client = ecs_sdk::Client::from_env()?;
    let instances: Vec<_> = client.describe_instances().items().try_collect().await?;
    println!("{} instances", instances.len());

    tokio::task::spawn_blocking(move || provider.shutdown()).await??;
    Ok(())
}

#[cfg(test)]
mod tests;
