//! Exports the spans of the SDK through OTLP. `ecs-sdk/docs/observability.md` contains this file from the next line on.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_subscriber::{Layer as _, filter::Targets, layer::SubscriberExt as _};

/// Creates a subscriber that sends the spans of ecs-sdk to a collector such as `http://127.0.0.1:4318`, and logs warnings.
/// Before the program exits, call `shutdown()` on the provider to send the remaining spans.
pub fn subscriber(collector: &str) -> anyhow::Result<(impl tracing::Subscriber + use<>, SdkTracerProvider)> {
    // The exporter's HTTP client does not select a cryptography provider, so install that of the SDK. An error means that
    // the program has already installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let exporter = SpanExporter::builder().with_http().with_endpoint(format!("{collector}/v1/traces")).build()?;
    let provider = SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name("inventory").build())
        .with_batch_exporter(exporter)
        .build();
    // Attempts are spans of the level debug. Only spans of the SDK are exported, because the exporter sends HTTP requests too.
    let spans = Targets::new().with_target("ecs_sdk", tracing::Level::DEBUG);
    let export = tracing_opentelemetry::layer().with_tracer(provider.tracer("ecs-sdk")).with_filter(spans);
    let log = tracing_subscriber::fmt::layer().with_filter(tracing_subscriber::filter::LevelFilter::WARN);
    Ok((tracing_subscriber::registry().with(export).with(log), provider))
}
