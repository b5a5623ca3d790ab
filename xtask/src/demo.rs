//! `cargo xtask demo`: a tour for newcomers.

use ecs_emulator::Emulator;

use crate::{Outcome, cargo, emulator, generate, root};

pub(crate) fn run() -> Outcome {
    println!("1. Check that the generated source matches the specs");
    generate::check()?;
    println!("\n2. Start an emulator");
    let emulator = Emulator::builder().start_blocking()?;
    println!("{:>8}  {}", "up", emulator.endpoint());
    println!("\n3. Take an instance through its life cycle with the SDK (the first build takes a minute)");
    let status = cargo()
        .args(["run", "--quiet", "--package", "ecs-sdk", "--example", "demo"])
        .current_dir(root())
        .env_remove("ALIBABA_CLOUD_SECURITY_TOKEN")
        .envs(emulator::variables(&emulator))
        .status()?;
    if !status.success() {
        return Err("the demo failed; see the lines above".into());
    }
    let calls = emulator.requests();
    println!("\nThe emulator received {} signed requests and accepted all their signatures.", calls.len());
    Ok(())
}
