//! `cargo xtask emulator`.

use std::time::Duration;

use clap::Args;
use ecs_emulator::{Emulator, Faults};

use crate::Outcome;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Port on 127.0.0.1; 0 chooses a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Access key to accept in addition to testid=testsecret; can be repeated
    #[arg(long = "key", value_name = "ID=SECRET", value_parser = key)]
    keys: Vec<(String, String)>,
    /// Bearer token to accept; can be repeated
    #[arg(long = "bearer", value_name = "TOKEN")]
    bearers: Vec<String>,
    /// Faults to inject, such as 500=0.1,delay:200@RunInstances=0.5,execute-drop*2,skew=-3600,seed=7: each with its
    /// probability (=) or the number of requests that it affects (*). The error for an unknown fault lists all faults
    #[arg(long, default_value = "")]
    faults: Faults,
    /// Maximum lifetime of temporary credentials, in seconds
    #[arg(long, value_name = "SECONDS")]
    session_life: Option<u64>,
    /// Duration of a state such as Starting, in milliseconds
    #[arg(long, default_value_t = 2000, value_name = "MS")]
    transition: u64,
}

fn key(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((id, secret)) if !id.is_empty() && !secret.is_empty() => Ok((id.to_owned(), secret.to_owned())),
        _ => Err("expected an access key as ID=SECRET".to_owned()),
    }
}

/// Returns the environment variables that make clients of all services use an emulator.
pub(crate) fn variables(emulator: &Emulator) -> Vec<(String, String)> {
    let mut variables = vec![
        ("ALIBABA_CLOUD_ACCESS_KEY_ID".to_owned(), "testid".to_owned()),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET".to_owned(), "testsecret".to_owned()),
        ("ALIBABA_CLOUD_REGION_ID".to_owned(), "cn-hangzhou".to_owned()),
    ];
    let services = ["ECS", "VPC", "CMS", "STS"];
    variables.extend(services.map(|service| (format!("ALIBABA_CLOUD_{service}_ENDPOINT"), emulator.endpoint())));
    variables
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut builder = Emulator::builder().port(arguments.port).transition(Duration::from_millis(arguments.transition));
    for (id, secret) in &arguments.keys {
        builder = builder.key(id, secret);
    }
    for token in &arguments.bearers {
        builder = builder.bearer_token(token);
    }
    if let Some(seconds) = arguments.session_life {
        builder = builder.max_session_lifetime(Duration::from_secs(seconds));
    }
    builder = builder.faults(arguments.faults.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let emulator = builder.start().await?;
        println!("emulator at {}", emulator.endpoint());
        println!(
            "keys: testid=testsecret{}",
            arguments.keys.iter().map(|(id, _)| format!(", {id}=…")).collect::<String>()
        );
        println!(
            "to use it: export ALIBABA_CLOUD_ECS_ENDPOINT={0} ALIBABA_CLOUD_ACCESS_KEY_ID=testid \\",
            emulator.endpoint()
        );
        println!("    ALIBABA_CLOUD_ACCESS_KEY_SECRET=testsecret ALIBABA_CLOUD_REGION_ID=cn-hangzhou");
        println!("control (faults, interruptions, time): curl {}/emulator", emulator.endpoint());
        println!("press Ctrl-C to stop");
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            () = emulator.wait() => Err(std::io::Error::other("the emulator has stopped")),
        }
    })?;
    Ok(())
}
