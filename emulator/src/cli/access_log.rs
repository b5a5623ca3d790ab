//! The access log: a line for each request on standard output. It never blocks the server.

use std::{
    io::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use ecs_emulator::{Access, Fault};
use serde_json::json;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use super::arguments::LogFormat;

/// Lines that wait to be written. If nobody reads the log, further lines are left out, so that the emulator goes on.
const MAX_WAITING: usize = 4096;

/// Time for the remaining lines when the program ends. If nobody reads the log, they are lost.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Longest name in a line, in characters: more than any operation or region has, so that only invented names are cut.
const MAX_NAME_CHARS: usize = 128;

const TIME_FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A writer on a thread of its own.
pub(crate) struct AccessLog {
    reports: SyncSender<Access>,
    left_out: Arc<AtomicU64>,
    finished: Receiver<()>,
}

impl AccessLog {
    /// Starts the writer; `None` for [`LogFormat::Off`].
    pub(crate) fn start(format: LogFormat) -> io::Result<Option<Self>> {
        let line = match format {
            LogFormat::Off => return Ok(None),
            LogFormat::Text => text,
            LogFormat::Json => json,
        };
        let (reports, received) = sync_channel::<Access>(MAX_WAITING);
        let (finish, finished) = sync_channel(1);
        let left_out = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&left_out);
        let write = move || {
            for access in received {
                // An error means that nobody reads standard output any more.
                let _ = writeln!(io::stdout(), "{}", line(&access));
                let lost = counter.swap(0, Ordering::Relaxed);
                if lost > 0 {
                    let _ = writeln!(io::stderr(), "the access log was not read: {lost} of its lines are left out");
                }
            }
            let _ = finish.send(());
        };
        thread::Builder::new().name("access-log".to_owned()).spawn(write)?;
        Ok(Some(AccessLog { reports, left_out, finished }))
    }

    /// Returns the function that receives the reports.
    pub(crate) fn observer(&self) -> impl Fn(&Access) + Send + Sync + 'static {
        let (reports, left_out) = (self.reports.clone(), Arc::clone(&self.left_out));
        move |access| {
            if reports.try_send(access.clone()).is_err() {
                left_out.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Waits until all lines are written, but not for long. The observers must have been dropped.
    pub(crate) fn finish(self) {
        drop(self.reports);
        let _ = self.finished.recv_timeout(FLUSH_TIMEOUT);
    }
}

fn text(access: &Access) -> String {
    let dash = |text: &str| if text.is_empty() { "-".to_owned() } else { name(text) };
    let mut line = format!(
        "{} {} {} {} {} {} {:.1}ms {}",
        written(access),
        name(&access.method),
        if access.operation.is_empty() { name(&access.path) } else { name(&access.operation) },
        dash(&access.region),
        access.status,
        dash(access.code.as_deref().unwrap_or_default()),
        access.duration.as_secs_f64() * 1000.0,
        dash(&access.request_id),
    );
    if access.fault != Fault::None {
        line.push_str(&format!(" fault={}", access.fault));
    }
    line
}

fn json(access: &Access) -> String {
    json!({
        "time": written(access),
        "method": name(&access.method),
        "path": name(&access.path),
        "operation": name(&access.operation),
        "region": name(&access.region),
        "status": access.status,
        "code": access.code.as_deref().map(name),
        "duration_ms": (access.duration.as_secs_f64() * 1e6).round() / 1e3,
        "request_id": name(&access.request_id),
        "fault": (access.fault != Fault::None).then(|| access.fault.to_string()),
    })
    .to_string()
}

fn written(access: &Access) -> String {
    OffsetDateTime::from(access.time).format(TIME_FORMAT).unwrap_or_default()
}

/// Returns a name as one word of a line. A client can send names with any characters.
fn name(text: &str) -> String {
    text.chars().take(MAX_NAME_CHARS).map(|char| if char.is_ascii_graphic() { char } else { '?' }).collect()
}
