//! Exports the spans of the SDK through OTLP. `ecs-sdk/docs/observability.md` contains this file from the next line on.

use anyhow::Result;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Level, Subscriber};
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
};

/// Creates a subscriber that logs warnings, and sends the spans of ecs-sdk to a collector
/// such as `http://127.0.0.1:4318`. Before the program exits, call `shutdown()` on the
/// provider to send the remaining spans.
pub fn subscriber(collector: &str) -> Result<(impl Subscriber + use<>, SdkTracerProvider)> {
    // The exporter's HTTP client does not select a cryptography provider, so install that of
    // the SDK. An error means that the program has already installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let traces = format!("{collector}/v1/traces");
    let exporter = SpanExporter::builder().with_http().with_endpoint(traces).build()?;
    let provider = SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name("inventory").build())
        .with_batch_exporter(exporter)
        .build();
    // Attempts are spans of the level debug. Only spans of the SDK are exported, because the
    // exporter sends HTTP requests too.
    let spans = Targets::new().with_target("ecs_sdk", Level::DEBUG);
    let tracer = provider.tracer("ecs-sdk");
    let export = tracing_opentelemetry::layer().with_tracer(tracer).with_filter(spans);
    let log = tracing_subscriber::fmt::layer().with_filter(LevelFilter::WARN);
    Ok((tracing_subscriber::registry().with(export).with(log), provider))
}
