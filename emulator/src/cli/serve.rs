//! Runs the emulator until a signal.

use std::{
    io::{self, Write as _},
    net::{IpAddr, ToSocketAddrs as _},
    process::ExitCode,
    time::Duration,
};

use ecs_emulator::{Builder, Emulator};

use super::{
    access_log::AccessLog, arguments::Server, banner, certificate::Certificate, data::Data, files::read,
    signals::Signals,
};

/// Time for open requests after a signal. Container runtimes kill a program 10 s after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);

/// Exit status after a second signal: that of a program that SIGINT has killed.
const INTERRUPTED: u8 = 130;

/// Runs the emulator until a signal.
///
/// # Errors
///
/// Returns an error message with a remedy.
pub(crate) fn run(arguments: &Server) -> Result<ExitCode, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(serve(arguments))
}

async fn serve(arguments: &Server) -> Result<ExitCode, String> {
    // Before anything is printed, so that no signal is lost that is sent after the first line.
    let mut signals = Signals::install().map_err(|error| format!("cannot receive signals: {error}"))?;
    let certificate = Certificate::of(arguments)?;
    let log = AccessLog::start(arguments.access_log).map_err(|error| format!("cannot write an access log: {error}"))?;
    let data = arguments.data.as_deref().map(Data::open).transpose()?;
    let mut builder = with_state(configured(arguments)?, arguments, data.as_ref())?;
    if let Some(certificate) = &certificate {
        builder = builder.tls(certificate.tls.clone());
    }
    if let Some(log) = &log {
        builder = builder.on_access(log.observer());
    }
    let emulator = builder.start().await.map_err(|error| start_error(&error, arguments))?;
    banner::print(&emulator, arguments, certificate.as_ref());
    let service = emulator.service().clone();
    let ended = run_until_signal(emulator, &mut signals).await;
    if let Some(data) = data {
        data.save(&service.state_json())?;
    }
    if let Some(log) = log {
        log.finish();
    }
    ended
}

/// Runs the emulator until a signal, and stops it.
async fn run_until_signal(emulator: Emulator, signals: &mut Signals) -> Result<ExitCode, String> {
    tokio::select! {
        () = signals.received() => {}
        // It only ends by itself if it fails.
        ended = emulator.wait() => return ended.map(|()| ExitCode::SUCCESS).map_err(|error| error.to_string()),
    }
    tokio::select! {
        stopped = emulator.stop(GRACE) => stopped.map(|()| ExitCode::SUCCESS).map_err(|error| error.to_string()),
        () = signals.received() => Ok(ExitCode::from(INTERRUPTED)),
    }
}

/// Adds the state that was saved or, at the first start, that of `--seed`.
fn with_state(builder: Builder, arguments: &Server, data: Option<&Data>) -> Result<Builder, String> {
    let saved = data.map(Data::read).transpose()?.flatten();
    let (place, json) = match (data, saved, &arguments.seed) {
        (Some(data), Some(saved), _) => (format!("{} of --data", data.file().display()), saved),
        (_, _, Some(path)) => (format!("--seed {}", path.display()), read("--seed", path)?),
        _ => return Ok(builder),
    };
    builder.state(&json).map_err(|error| format!("{place}: {error}"))
}

/// Returns the builder of an emulator, without certificate and log.
fn configured(arguments: &Server) -> Result<Builder, String> {
    let mut builder = Emulator::builder()
        .port(arguments.port)
        .transition(Duration::from_millis(arguments.transition))
        .seed(arguments.id_seed)
        .faults(arguments.faults.clone())
        .lenient(arguments.lenient)
        .region(&arguments.region)
        .unsimulated(arguments.unsimulated)
        .on_warning(|warning| {
            // Standard error may be closed.
            let _ = writeln!(io::stderr(), "warning: {warning}");
        });
    builder = match arguments.hosts.as_slice() {
        [] => builder.localhost(),
        [host] if host == "localhost" => builder.localhost(),
        hosts => builder.hosts(addresses(hosts)?),
    };
    for host in arguments.hosts.iter().chain(&arguments.allowed_hosts) {
        builder = builder.allow_host(host);
    }
    if let Some(path) = &arguments.catalog {
        let json = read("--catalog", path)?;
        builder = builder.catalog(&json).map_err(|error| format!("--catalog {}: {error}", path.display()))?;
    }
    for key in &arguments.access_keys {
        builder = match &key.account {
            None => builder.key(&key.id, &key.secret),
            Some(account) => builder.account_key(account, &key.id, &key.secret),
        };
    }
    for token in &arguments.bearers {
        builder = builder.bearer_token(token);
    }
    if let Some(seconds) = arguments.session_life {
        builder = builder.max_session_lifetime(Duration::from_secs(seconds));
    }
    Ok(builder)
}

/// Returns the addresses of hosts.
fn addresses(hosts: &[String]) -> Result<Vec<IpAddr>, String> {
    let mut addresses: Vec<IpAddr> = Vec::new();
    for host in hosts {
        let name = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let found = (name, 0).to_socket_addrs().map_err(|error| {
            format!(
                "cannot find the address of --host {host}: {error}; pass an IP address of this machine, or 0.0.0.0 for all"
            )
        })?;
        for address in found {
            if !addresses.contains(&address.ip()) {
                addresses.push(address.ip());
            }
        }
    }
    Ok(addresses)
}

/// Returns the message for an emulator that cannot start.
fn start_error(error: &io::Error, arguments: &Server) -> String {
    let port = arguments.port;
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} is taken ({error}): end the program that uses it, or choose another port with --port; --port 0 \
             finds a free one"
        ),
        io::ErrorKind::AddrNotAvailable => {
            format!("{error}: pass an IP address of this machine with --host, or 0.0.0.0 for all of them")
        }
        io::ErrorKind::PermissionDenied => {
            format!("{error}: port {port} needs a privilege; choose a port above 1023 with --port, or 0 for a free one")
        }
        io::ErrorKind::InvalidInput => format!("the emulator cannot start: {error}; see --region and --host"),
        _ => format!("the emulator cannot start: {error}"),
    }
}
