//! The program: its command line, its addresses, TLS, signals, and what clients cannot do to it.

mod common;
#[path = "common/program.rs"]
mod program;

use std::{
    collections::BTreeSet,
    fs,
    io::{ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use common::{ECS, IMAGE, REGION, Test, form};
use ecs_emulator::{Emulator, SelfMade};
use program::{Program, begin, command, connect, eventually, failure, get};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use serde_json::Value;

/// A path that is served without a signature.
const METADATA: &str = "/latest/meta-data/ram/security-credentials/";

const OK: &str = "HTTP/1.1 200 OK";

/// A TLS client of the program that trusts a certificate.
fn tls(program: &Program, authority: &str, name: &'static str) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), ServerName::try_from(name).unwrap()).unwrap();
    StreamOwned::new(client, program.connect())
}

/// Sends a request with a body.
fn send(program: &Program, method: &str, path: &str, body: &str) -> String {
    let mut stream = program.connect();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    let form = "content-type: application/x-www-form-urlencoded";
    let head = format!("{head}{form}\r\ncontent-length: {}\r\n\r\n", body.len());
    write!(stream, "{head}{body}").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// Calls an operation of ECS.
fn call(program: &Program, operation: &str, parameters: &[(&str, &str)]) -> Value {
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let now = time::OffsetDateTime::now_utc().format(format).unwrap();
    let signed = Test::new().signed("POST", ECS, operation, &[parameters, &[("Timestamp", &now)]].concat());
    let response = send(program, "POST", "/", &form(&signed));
    serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Creates an instance, and returns its ID.
fn run_instance(program: &Program) -> String {
    let created = call(program, "RunInstances", &[REGION, ("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")]);
    common::texts(&created["InstanceIdSets"]["InstanceIdSet"]).remove(0)
}

/// Creates a folder for a test.
fn temporary(name: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn it_listens_at_localhost_over_ipv4_and_ipv6() {
    let program = Program::start(&[]);
    let addresses = program.addresses();
    let has_ipv6 = TcpListener::bind("[::1]:0").is_ok();
    assert_eq!(addresses.len(), if has_ipv6 { 2 } else { 1 }, "{:?}", program.banner);
    for address in &addresses {
        assert!(address.ip().is_loopback());
        assert_eq!(address.port(), addresses[0].port());
        assert!(get(connect(*address), METADATA).starts_with(OK));
    }
    assert!(program.exported("ALIBABA_CLOUD_ECS_ENDPOINT").ends_with(&addresses[0].to_string()));
}

#[test]
fn hosts_come_from_flags_or_the_environment() {
    // Linux has all addresses of 127.0.0.0/8.
    #[cfg(target_os = "linux")]
    let several = Program::start(&["--host", "127.0.0.1", "--host", "127.0.0.2"]);
    #[cfg(target_os = "linux")]
    let ips: Vec<String> = several.addresses().iter().map(|address| address.ip().to_string()).collect();
    #[cfg(target_os = "linux")]
    assert_eq!(ips, ["127.0.0.1", "127.0.0.2"]);
    let environment = [("ECS_EMULATOR_HOST", "0.0.0.0"), ("ECS_EMULATOR_REGION", "cn-beijing")];
    let all = Program::start_command(command(&[]).envs(environment));
    assert_eq!(all.addresses().len(), 1);
    // The address that clients of this machine use.
    assert_eq!(all.addresses()[0].ip().to_string(), "127.0.0.1");
    assert!(get(connect(all.addresses()[0]), METADATA).starts_with(OK));
    assert_eq!(all.exported("ALIBABA_CLOUD_REGION_ID"), "cn-beijing");
}

#[test]
fn http_and_https_share_a_port() {
    let program = Program::start(&["--tls", "--tls-name", "ecs.example.com"]);
    let authority = fs::read_to_string(program.exported("SSL_CERT_FILE")).unwrap();
    for name in ["localhost", "127.0.0.1", "::1", "ecs.example.com"] {
        assert!(get(tls(&program, &authority, name), METADATA).starts_with(OK), "{name}");
    }
    assert!(program.get(METADATA).starts_with(OK));
    let mut other = tls(&program, &authority, "example.com");
    assert!(other.write_all(b"GET / HTTP/1.1\r\n\r\n").is_err());
    assert!(program.banner.iter().any(|line| line.contains(" at https://127.0.0.1:")));
    // A fault that closes connections before the handshake can be removed over HTTP.
    assert!(send(&program, "PUT", "/emulator/faults", "refuse=1").starts_with(OK));
    let mut refused = tls(&program, &authority, "localhost");
    assert!(refused.write_all(b"GET /emulator/health HTTP/1.1\r\n\r\n").is_err());
    assert!(send(&program, "PUT", "/emulator/faults", "").starts_with(OK));
    assert!(get(tls(&program, &authority, "localhost"), METADATA).starts_with(OK));
}

#[test]
fn a_certificate_is_kept_while_it_is_valid_for_all_names() {
    let folder = temporary("kept").join("tls");
    let path = folder.to_str().unwrap();
    let authority = |arguments: &[&str]| {
        let program = Program::start(&[&["--tls-dir", path], arguments].concat());
        let authority = fs::read_to_string(program.exported("SSL_CERT_FILE")).unwrap();
        assert!(get(tls(&program, &authority, "localhost"), METADATA).starts_with(OK));
        authority
    };
    let first = authority(&[]);
    assert_eq!(first, authority(&[]));
    let named = authority(&["--tls-name", "*.example.com"]);
    assert_ne!(first, named);
    assert_eq!(named, authority(&["--tls-name", "*.example.com"]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(folder.join("key.pem")).unwrap().permissions().mode() & 0o077, 0);
    }
}

#[test]
fn your_own_certificate_is_used() {
    let folder = temporary("own");
    let made = SelfMade::generate(&["ecs.example.com"]).unwrap();
    let path = |file: &str| folder.join(file).to_str().unwrap().to_owned();
    let (certificate, key, other) = (path("cert.pem"), path("key.pem"), path("other.pem"));
    fs::write(&certificate, &made.certificate).unwrap();
    fs::write(&key, &made.key).unwrap();
    fs::write(&other, SelfMade::generate(&["ecs.example.com"]).unwrap().key).unwrap();
    let program = Program::start(&["--cert", &certificate, "--key", &key]);
    assert!(get(tls(&program, &made.authority, "ecs.example.com"), METADATA).starts_with(OK));
    for (certificate, key, reason) in [
        (&certificate, &other, "another certificate"),
        (&key, &key, "no certificate"),
        (&certificate, &certificate, "invalid private key"),
        (&path("missing.pem"), &key, "missing.pem of --cert"),
        (&certificate, &path("missing.pem"), "missing.pem of --key"),
    ] {
        let (code, message) = failure(&["--cert", certificate, "--key", key]);
        assert!(code == Some(1) && message.contains(reason), "{message}");
    }
}

#[test]
fn a_taken_port_is_reported_with_a_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, message) = failure(&["--port", &port]);
    assert_eq!(code, Some(1));
    assert!(message.contains(&port) && message.contains("--port 0"), "{message}");
    // 192.0.2.0/24 is for documentation, so no machine has such an address.
    let (code, message) = failure(&["--host", "192.0.2.1"]);
    assert!(code == Some(1) && message.contains("192.0.2.1") && message.contains("--host"), "{message}");
}

#[test]
fn errors_of_usage_name_the_flag() {
    for arguments in [
        &["--port", "99999"][..],
        &["--transition", "-1"],
        &["--transition", "18446744073709551615"],
        &["--session-life", "0"],
        &["--access-log", "xml"],
        &["--access-key", "id"],
        &["--access-key", "=secret"],
        &["--access-key", "id=secret=account"],
        &["--faults", "teapot"],
        &["--id-seed", "x"],
        &["--unsimulated", "invent"],
        &["--cert", "cert.pem"],
        &["--key", "key.pem"],
        &["--tls", "--cert", "cert.pem"],
        &["--allow-host", "http://ecs/"],
        &["--allow-host", ""],
        &["--bearer", ""],
        &["--unknown"],
    ] {
        let (code, message) = failure(arguments);
        assert!(code == Some(2) && message.contains(arguments[0]), "{arguments:?}: {message}");
    }
}

#[test]
fn files_that_cannot_be_used_are_named_with_their_flag() {
    let folder = temporary("files");
    let path = folder.join("invalid.json").to_str().unwrap().to_owned();
    fs::write(&path, r#"{ "instance_tips": [] }"#).unwrap();
    for (flag, place) in [("--catalog", "instance_tips"), ("--seed", "instance_tips")] {
        let (code, message) = failure(&[flag, &path]);
        let is_named = [flag, place, path.as_str()].iter().all(|part| message.contains(part));
        assert!(code == Some(1) && is_named, "{message}");
        let (code, message) = failure(&[flag, "missing.json"]);
        assert!(code == Some(1) && message.contains(flag) && message.contains("missing.json"), "{message}");
    }
}

#[test]
fn a_folder_in_which_nothing_can_be_saved_is_reported_at_the_start() {
    let folder = temporary("unusable");
    fs::create_dir_all(folder.join("state.json.next")).unwrap();
    let (code, message) = failure(&["--data", folder.to_str().unwrap()]);
    assert!(code == Some(1) && message.contains("--data") && message.contains("unusable"), "{message}");
}

#[test]
fn control_accepts_the_hosts_that_are_allowed() {
    let program = Program::start(&["--allow-host", "ecs", "--host", "127.0.0.1"]);
    let status = |host: &str| {
        let mut stream = program.connect();
        write!(stream, "GET /emulator/health HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!([status("ecs:8080"), status("localhost"), status("example.com")], ["200", "200", "403"]);
}

#[test]
fn a_call_without_a_region_is_for_the_default_one() {
    let program = Program::start(&["--region", "cn-beijing"]);
    assert_eq!(program.exported("ALIBABA_CLOUD_REGION_ID"), "cn-beijing");
    let networks = call(&program, "DescribeVSwitches", &[]);
    assert!(networks["VSwitches"]["VSwitch"][0]["ZoneId"].as_str().unwrap().starts_with("cn-beijing-"), "{networks}");
    let (code, message) = failure(&["--region", "cn-nowhere"]);
    assert!(code == Some(1) && message.contains("cn-nowhere") && message.contains("--region"), "{message}");
}

#[test]
fn health_is_an_exit_code() {
    let program = Program::start(&[]);
    let address = program.addresses()[0];
    let health = |url: &str| failure(&["health", url]);
    assert_eq!(health(&format!("http://{address}")).0, Some(0));
    assert_eq!(health(&format!("http://{address}/emulator")).0, Some(0));
    let port = address.port().to_string();
    let variables = [("ECS_EMULATOR_HOST", "0.0.0.0"), ("ECS_EMULATOR_PORT", port.as_str())];
    assert!(command(&["health"]).envs(variables).status().unwrap().success());
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, message) = health(&format!("http://{unused}"));
    assert!(code == Some(1) && message.contains(&unused.to_string()), "{message}");
    for url in ["https://127.0.0.1", "127.0.0.1:8080", "http://", "http://127.0.0.1:99999"] {
        assert_eq!(health(url).0, Some(1), "{url}");
    }
}

#[test]
fn version_and_help_are_printed() {
    let output = |arguments: &[&str]| {
        let output = command(arguments).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(output(&["--version"]), format!("ecs-emulator {}\n", env!("CARGO_PKG_VERSION")));
    let secret = [("ECS_EMULATOR_ACCESS_KEY", "id=hidden-secret"), ("ECS_EMULATOR_BEARER", "hidden-token")];
    let help = String::from_utf8(command(&["--help"]).envs(secret).output().unwrap().stdout).unwrap();
    assert!(help.contains("--host") && help.contains("ECS_EMULATOR_HOST"), "{help}");
    assert!(!help.contains("hidden"), "{help}");
    assert!(output(&["health", "--help"]).contains("health"));
}

#[test]
fn requests_are_logged_as_json_without_secrets() {
    let program = Program::start(&["--access-log", "json", "--faults", "503@StopInstance*1"]);
    program.get(METADATA);
    program.get("/?Action=DescribeRegions&RegionId=cn-beijing&AccessKeyId=nobody&Signature=hush&Version=2014-05-26");
    program.get("/?Action=StopInstance&Format=JSON");
    // Names that clients invent cannot add lines or fields.
    program.get("/?Action=A%0AB%22%7D&Format=JSON");
    let lines: Vec<String> = (0..4).map(|_| program.line()).collect();
    assert!(!lines.concat().contains("hush"), "{lines:?}");
    let entries: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&entries[0]["path"], &entries[0]["status"]), (&METADATA.into(), &200.into()));
    let call = &entries[1];
    assert_eq!((&call["operation"], &call["region"]), (&"DescribeRegions".into(), &"cn-beijing".into()));
    assert_eq!((&call["method"], &call["path"]), (&"GET".into(), &"/".into()));
    assert!(call["status"].as_u64().unwrap() >= 400 && !call["code"].as_str().unwrap().is_empty());
    assert!(call["duration_ms"].is_number() && call["time"].as_str().unwrap().ends_with('Z'));
    assert_eq!(call["request_id"].as_str().unwrap().len(), 36);
    assert_eq!((&call["fault"], &entries[2]["fault"]), (&Value::Null, &"503".into()));
    assert_eq!(entries[3]["operation"], "A?B\"}");
}

#[test]
fn requests_are_logged_as_text() {
    let program = Program::start(&["--access-log", "text"]);
    program.get("/?Action=DescribeRegions&RegionId=cn-beijing&Version=2014-05-26");
    let line = program.line();
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!((words.len(), &words[1..4]), (8, &["GET", "DescribeRegions", "cn-beijing"][..]), "{line}");
}

#[cfg(unix)]
#[test]
fn two_programs_with_one_folder_do_not_overwrite_each_other() {
    let folder = temporary("shared");
    let path = folder.to_str().unwrap();
    let end = |program: &mut Program| {
        program.signal("TERM");
        program.ended().code()
    };
    let (mut first, mut second) = (Program::start(&["--data", path]), Program::start(&["--data", path]));
    let instances = [run_instance(&first), run_instance(&second)];
    assert_eq!([end(&mut first), end(&mut second)], [Some(0), Some(1)]);
    let beside = folder.join(format!("state-{}.json", second.id));
    let states = [folder.join("state.json"), beside].map(|file| fs::read_to_string(file).unwrap());
    assert_eq!([0, 1].map(|place| states[place].contains(&instances[place])), [true; 2]);
}

#[cfg(unix)]
#[test]
fn the_state_is_kept_between_starts() {
    let folder = temporary("state").join("data");
    let path = folder.to_str().unwrap();
    let state = |program: &Program| {
        let response = program.get("/emulator/state");
        serde_json::from_str::<Value>(response.split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    let end = |mut program: Program| {
        program.signal("TERM");
        assert_eq!(program.ended().code(), Some(0));
    };
    let first = Program::start(&["--data", path]);
    let instance = run_instance(&first);
    let advanced = send(&first, "PUT", "/emulator/clock", r#"{ "advance": 3600 }"#);
    assert!(advanced.starts_with(OK), "{advanced}");
    let before = state(&first);
    end(first);
    let seed = folder.join("state.json");
    let second = Program::start(&["--data", path, "--tls"]);
    assert_eq!(state(&second)["ahead_seconds"], before["ahead_seconds"]);
    assert!(state(&second).to_string().contains(&instance));
    assert!(second.exported("SSL_CERT_FILE").ends_with("data/tls/ca.pem"));
    end(second);
    // The same file is a seed, unless a state was saved.
    let seeded = Program::start(&["--seed", seed.to_str().unwrap()]);
    assert_eq!(state(&seeded)["ahead_seconds"], before["ahead_seconds"]);
    fs::write(&seed, "{}").unwrap();
    let other = Program::start(&["--data", path, "--seed", "missing.json"]);
    assert_ne!(state(&other)["ahead_seconds"], before["ahead_seconds"]);
    drop(other);
    fs::write(&seed, "[]").unwrap();
    let (code, message) = failure(&["--data", path]);
    assert!(code == Some(1) && message.contains("state.json of --data"), "{message}");
    let (code, message) = failure(&["--data", seed.to_str().unwrap()]);
    assert!(code == Some(1) && message.contains("--data"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_signal_lets_open_requests_finish() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::start(&["--access-log", "text"]);
        let mut stream = program.connect();
        begin(&stream, 2);
        let idle = program.connect();
        program.signal(signal);
        program.closed();
        // A connection that was not accepted yet is reset.
        let ended = (&idle).read(&mut [0]);
        let is_reset = ended.as_ref().is_err_and(|error| error.kind() == ErrorKind::ConnectionReset);
        assert!(is_reset || matches!(ended, Ok(0)), "{ended:?}");
        stream.write_all(b"a=").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 400"), "{response}");
        assert_eq!(program.ended().code(), Some(0));
        // The last request is logged, too.
        assert_eq!(program.lines().len(), 1);
    }
}

#[cfg(unix)]
#[test]
fn a_signal_cuts_held_requests() {
    let mut program = Program::start(&["--faults", "hold*1"]);
    let mut stream = program.connect();
    begin(&stream, 2);
    stream.write_all(b"a=").unwrap();
    program.signal("TERM");
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    assert_eq!(program.ended().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_second_signal_ends_it_at_once() {
    let mut program = Program::start(&["--tls"]);
    let authority = program.exported("SSL_CERT_FILE");
    let stream = program.connect();
    begin(&stream, 2);
    program.signal("TERM");
    program.closed();
    program.signal("TERM");
    assert_eq!(program.ended().code(), Some(130));
    assert!(!fs::exists(authority).unwrap());
}

#[test]
fn it_runs_without_readers_of_its_output() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let mut child = command(&["--host", "127.0.0.1", "--port", &port, "--access-log", "text"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    let program = Program::of(child);
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    eventually("the program should be up", || TcpStream::connect(address).is_ok());
    for _ in 0..3 {
        assert!(get(connect(address), METADATA).starts_with(OK));
    }
    drop(program);
}

#[cfg(unix)]
#[test]
fn it_survives_more_connections_than_files() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 24 && exec \"$0\""]).arg(env!("CARGO_BIN_EXE_ecs-emulator"));
    let program = Program::start_command(&mut shell);
    let idle: Vec<TcpStream> = (0..60).map(|_| program.connect()).collect();
    assert!(program.get(METADATA).starts_with(OK));
    drop(idle);
    assert!(program.get(METADATA).starts_with(OK));
}

#[test]
fn idle_connections_make_room_for_others() {
    let emulator = Emulator::builder().max_connections(2).start_blocking().unwrap();
    let oldest = connect(emulator.address());
    begin(&oldest, 2);
    let mut idle = connect(emulator.address());
    eventually("both connections should be open", || emulator.connections() == 2);
    assert!(get(connect(emulator.address()), METADATA).starts_with(OK));
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
    (&oldest).write_all(b"a=").unwrap();
    assert!((&oldest).read(&mut [0]).unwrap() > 0);
}

#[test]
fn half_open_connections_are_closed() {
    let made = SelfMade::generate(&["localhost"]).unwrap();
    let timeout = Duration::from_millis(20);
    let emulator = Emulator::builder().idle_timeout(timeout).tls(made.tls().unwrap()).start_blocking().unwrap();
    for (sent, received) in [
        (&b""[..], ""),
        (b"POST / HT", ""),
        (b"POST / HTTP/1.1\r\nhost: localhost\r\n", ""),
        (b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\na=", "HTTP/1.1 408"),
        (b"\x16", ""),
        (b"\x16\x03\x01\x00\x80\x01", ""),
    ] {
        let mut stream = connect(emulator.address());
        stream.write_all(sent).unwrap();
        let mut response = String::new();
        // The server may close the connection before it has read everything.
        let _ = stream.read_to_string(&mut response);
        assert!(response.starts_with(received) && (response.is_empty() == received.is_empty()), "{sent:?}: {response}");
    }
    eventually("all connections should be closed", || emulator.connections() == 0);
}

#[test]
fn garbage_ends_only_its_connection() {
    let program = Program::start(&["--tls"]);
    for garbage in
        [&b"\x00\xff\x00\xff"[..], b"\x16\x03\x01\xff\xff", b"\x16garbage garbage garbage", b"\r\n\r\n\r\n", b"GET"]
    {
        let mut stream = program.connect();
        stream.write_all(garbage).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
    }
    assert!(program.get(METADATA).starts_with(OK));
}

#[test]
fn tls_without_a_certificate_is_explained() {
    let mut child = command(&["--host", "127.0.0.1"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stderr = child.stderr.take().unwrap();
    let mut program = Program::of(child);
    program.banner = vec![program.line()];
    program.connect().write_all(b"\x16\x03\x01").unwrap();
    let line = std::io::BufRead::lines(std::io::BufReader::new(stderr)).next().unwrap().unwrap();
    assert!(line.contains("--tls"), "{line}");
}

#[test]
fn a_panic_ends_only_its_connection() {
    let panic = |access: &ecs_emulator::Access| assert_ne!(access.path, "/panic", "on purpose");
    let emulator = Emulator::builder().on_access(panic).start_blocking().unwrap();
    let mut stream = connect(emulator.address());
    write!(stream, "GET /panic HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut response = String::new();
    let _ = stream.read_to_string(&mut response);
    assert_eq!(response, "");
    assert!(get(connect(emulator.address()), METADATA).starts_with(OK));
}

/// Words of a string that begin with a prefix, without what follows them.
fn words<'a>(text: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    text.split(|char| !is_part(char)).filter(|word| word.starts_with(prefix) && word.len() > prefix.len()).collect()
}

#[test]
fn documents_name_the_flags_and_variables_that_exist() {
    let help = |arguments: &[&str]| String::from_utf8(command(arguments).output().unwrap().stdout).unwrap();
    let (help, health) = (help(&["--help"]), help(&["health", "--help"]));
    let read = |file: &str| fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let readme = read("README.md");
    let (_, settings) = readme.split_once("\n## Settings\n").unwrap();
    let (settings, _) = settings.split_once("\n## ").unwrap();
    let rows: String =
        settings.lines().filter(|line| line.starts_with("| `--")).map(|line| line.split('|').nth(1).unwrap()).collect();
    let mut flags = words(&help, "--");
    flags.retain(|flag| !["--help", "--version"].contains(flag));
    assert_eq!(words(&rows, "--"), flags, "the table of settings in README.md has exactly the flags of --help");

    let blocks = readme.split("```").skip(1).step_by(2).filter(|block| block.starts_with("sh\n"));
    let commands = blocks
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("ecs-emulator ").or_else(|| line.strip_prefix("cargo xtask emulator ")));
    for line in commands {
        let help = if line.starts_with("health") { &health } else { &help };
        assert!(words(line, "--").is_subset(&words(help, "--")), "README.md: {line}");
    }
    let variables = words(&help, "ECS_EMULATOR_");
    for (file, text) in
        [("README.md", &readme), ("Dockerfile", &read("Dockerfile")), ("compose.yaml", &read("compose.yaml"))]
    {
        assert!(words(text, "ECS_EMULATOR_").is_subset(&variables), "{file} names a variable that does not exist");
    }
}
