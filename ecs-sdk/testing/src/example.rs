//! Running the examples of the guide.

use std::{error::Error, time::Duration};

use ecs_emulator::Emulator;
use ecs_sdk_runtime::{Config, Credentials, builder::Builder};

use crate::fake::{ACCESS_KEY, TimeLimit};

/// Runs an example with a client of an emulator whose resources change their state at once.
pub fn example<C: From<Config>>(example: impl AsyncFnOnce(C) -> Result<(), Box<dyn Error>>) {
    let _limit = TimeLimit::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(async {
        let emulator = Emulator::builder().transition(Duration::ZERO).start().await?;
        let builder = Builder::default().without_environment().region("cn-hangzhou").endpoint(emulator.endpoint());
        example(builder.credentials(Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1)).build()?).await
    });
    result.unwrap();
}
