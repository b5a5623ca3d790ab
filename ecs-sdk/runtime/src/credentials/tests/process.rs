//! Tests that run real programs and read real files.

use std::time::Duration;

use crate::{
    config::Config,
    credentials::{CliProfile, CredentialsFile, ExternalProcess, OidcRole, ProvideCredentials},
};

/// A provider that runs a line of the shell, which is the one program that every machine has.
fn shell(line: &str) -> ExternalProcess {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    ExternalProcess::builder(shell, [flag, line]).timeout(Duration::from_secs(20)).build()
}

fn config() -> Config {
    Config::builder().region("cn-hangzhou").build().unwrap()
}

#[tokio::test]
async fn reads_the_output_of_a_program() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let line = r#"echo {"mode":"AK","access_key_id":"id","access_key_secret":"s3cret"}"#;
    let line = if cfg!(windows) { line.to_owned() } else { format!("echo '{}'", &line[5..]) };
    let found = shell(&line).provide(config().context()).await.unwrap();
    assert_eq!((found.access_key_id(), found.access_key_secret()), ("id", "s3cret"));
}

#[tokio::test]
async fn errors_of_programs_do_not_contain_their_output() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let error = shell("echo s3cret; exit 3").provide(config().context()).await.unwrap_err().to_string();
    assert!(error.ends_with("exited with code 3"), "{error}");
    let error = shell("echo s3cret").provide(config().context()).await.unwrap_err().to_string();
    assert!(error.contains("is not valid JSON"), "{error}");
    let missing = ExternalProcess::command_line("/no/such/program --key s3cret").build();
    let error = missing.provide(config().context()).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot run the program `/no/such/program`: "), "{error}");
    assert!(!format!("{error:?} {missing:?}").contains("s3cret"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_with_too_much_output_is_killed() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let error = shell("exec yes s3cret").provide(config().context()).await.unwrap_err().to_string();
    assert_eq!(error, "cannot run the program `sh`: its output exceeds 1 MiB");
}

/// Polls a condition until it holds, for at most a minute.
#[cfg(unix)]
async fn until(mut condition: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
        tokio::task::yield_now().await;
    }
    panic!("the condition did not hold within a minute");
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_is_killed_when_its_provider_is_dropped() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let folder = std::env::temp_dir().join(format!("ecs-sdk-process-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let pid = folder.join("pid");
    let line = format!("cd {}; echo $$ > new; mv new pid; exec sleep 600", folder.display());
    let process = ExternalProcess::builder("sh", ["-c".to_owned(), line]).timeout(Duration::from_secs(600)).build();
    let config = config();
    tokio::select! {
        outcome = process.provide(config.context()) => panic!("{outcome:?}"),
        () = until(|| pid.exists()) => {}
    }
    // Other callers would get the output, so the program outlives the canceled one.
    drop(process);
    let id = String::from_utf8(std::fs::read(pid).unwrap()).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    until(|| !std::process::Command::new("kill").args(["-0", id.trim()]).output().unwrap().status.success()).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_output_ends_with_the_program_although_another_one_holds_it_open() {
    let folder = std::env::temp_dir().join(format!("ecs-sdk-holds-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("pid");
    let line = format!(
        r#"sleep 600 & echo $! > {}; printf '{{"mode":"AK","access_key_id":"id","access_key_secret":"s3cret"}}'"#,
        path.display()
    );
    let process = shell(&line);
    for provider in [&process, &shell(&line), &shell(&line)] {
        let found = provider.provide(config().context()).await.unwrap();
        assert_eq!((found.access_key_id(), found.access_key_secret()), ("id", "s3cret"));
        let pid = std::fs::read(&path).unwrap();
        let pid = String::from_utf8(pid).unwrap().trim().to_owned();
        let pipe = std::fs::read_link(format!("/proc/{pid}/fd/1")).unwrap();
        assert!(pipe.to_string_lossy().starts_with("pipe:"), "{pipe:?}");
        // Neither descriptors nor threads of this process remain, although the other program still runs.
        until(|| {
            let mut descriptors = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
            !descriptors.any(|entry| std::fs::read_link(entry.path()).is_ok_and(|link| link == pipe))
        })
        .await;
        until(|| {
            let mut threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
            !threads.any(|entry| {
                std::fs::read(entry.path().join("comm")).is_ok_and(|name| name.starts_with(b"credentials-out"))
            })
        })
        .await;
        assert!(std::process::Command::new("kill").arg(&pid).status().unwrap().success());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn zeros_in_the_output_neither_end_it_nor_block_the_program() {
    let line = r"head -c 500000 /dev/zero; echo s3cret; exit 3";
    let error = shell(line).provide(config().context()).await.unwrap_err().to_string();
    assert!(error.ends_with("exited with code 3"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn providers_reject_special_files() {
    let oidc = OidcRole::builder().role_arn("r").provider_arn("p");
    let providers: [Box<dyn ProvideCredentials>; 3] = [
        Box::new(CredentialsFile::builder().file("/dev/zero").build()),
        Box::new(CliProfile::builder().file("/dev/zero").build()),
        Box::new(oidc.token_file("/dev/zero").build()),
    ];
    for provider in providers {
        let found = tokio::time::timeout(Duration::from_secs(60), provider.provide(config().context())).await;
        let error = found.expect("the provider fails").unwrap_err().to_string();
        assert!(error.ends_with("/dev/zero: it is a device; expected a regular file"), "{error}");
    }
}
