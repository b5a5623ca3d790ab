//! The same program, written with the SDK.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("ENDPOINT").unwrap_or_else(|_| "http://127.0.0.1:9".to_owned());
    let credentials = ecs_sdk::Credentials::new("testid", "testsecret");
    let client = ecs_sdk::Client::builder().region("cn-hangzhou").credentials(credentials).endpoint(url).build()?;
    for instance in client.describe_instances().status("Running").send().await?.instances {
        println!("{} {}", instance.instance_id, instance.instance_type);
    }
    Ok(())
}
