//! Runs the service. Credentials and region come from the environment, and so does the endpoint if you want an emulator:
//!
//! ```text
//! cargo xtask emulator --port 8080
//! ALIBABA_CLOUD_ACCESS_KEY_ID=testid ALIBABA_CLOUD_ACCESS_KEY_SECRET=testsecret ALIBABA_CLOUD_REGION_ID=cn-hangzhou \
//!     ALIBABA_CLOUD_ECS_ENDPOINT=http://127.0.0.1:8080 cargo run
//! curl http://127.0.0.1:3000/teams/web/instances
//! ```

use ecs_sdk::Client;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening at http://{}", listener.local_addr()?);
    axum::serve(listener, web_service_example::app(Client::from_env()?)).await?;
    Ok(())
}
