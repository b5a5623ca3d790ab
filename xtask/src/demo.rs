//! `cargo xtask demo`: what a newcomer runs first.

use ecs_emulator::Emulator;

use crate::{Outcome, cargo, emulator, generate, root};

pub(crate) fn run() -> Outcome {
    println!("1. Is the generated source what the specs give?");
    generate::run(true)?;
    println!("\n2. An emulator");
    let emulator = Emulator::builder().start_blocking()?;
    println!("{:>8}  {}", "up", emulator.endpoint());
    println!("\n3. The life of an instance, through the SDK (the first build takes a minute)");
    let status = cargo()
        .args(["run", "--quiet", "--package", "ecs-sdk", "--example", "demo"])
        .current_dir(root())
        .env_remove("ALIBABA_CLOUD_SECURITY_TOKEN")
        .envs(emulator::variables(&emulator))
        .status()?;
    if !status.success() {
        return Err("the demo failed; the lines above tell where".into());
    }
    let calls = emulator.requests();
    println!("\nThe emulator received {} signed requests and accepted all their signatures.", calls.len());
    Ok(())
}
