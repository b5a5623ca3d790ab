//! Reads files on a thread of their own, because a file system can hang, and only files that have an end.

use std::{
    fs::{self, Metadata, OpenOptions},
    io::{self, Read},
    mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use tokio::sync::oneshot;
use zeroize::{Zeroize, Zeroizing};

use crate::{system::BoxFuture, trace::TARGET};

/// Maximum size of a file. Files with credentials have a few kilobytes; the limit keeps a wrong path from exhausting the
/// memory.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// A file is read by one thread at a time, so a file system that hangs costs one thread rather than one per call. The
/// flag is set once there was a warning about the file.
type Turn = tokio::sync::Mutex<bool>;

/// By path. A program reads few files, so a list is sufficient.
static TURNS: Mutex<Vec<(PathBuf, Arc<Turn>)>> = Mutex::new(Vec::new());

fn turn(path: &Path) -> Arc<Turn> {
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, turn)) = turns.iter().find(|(other, _)| other == path) {
        return turn.clone();
    }
    let turn = Arc::<Turn>::default();
    turns.push((path.to_owned(), turn.clone()));
    turn
}

/// Reads a regular file of at most 1 MiB. Dropping the future does not stop the thread, which then discards the content.
pub(super) fn read(path: &Path) -> BoxFuture<'static, io::Result<String>> {
    let path = path.to_owned();
    Box::pin(async move {
        let turn = turn(&path).lock_owned().await;
        let (sender, receiver) = oneshot::channel();
        let on_thread = path.clone();
        thread::Builder::new().name("credentials-file".to_owned()).spawn(move || {
            // Fails if the caller has dropped the future.
            let _ = sender.send((load(&on_thread), turn));
        })?;
        let (loaded, mut warned) =
            receiver.await.map_err(|_| io::Error::other("the thread reading the file panicked"))?;
        let (mut text, others_can_write) = loaded?;
        if others_can_write && !mem::replace(&mut *warned, true) {
            tracing::warn!(
                target: TARGET,
                path = %path.display(),
                "other users can change a file with credentials; restrict it to its owner, for example with chmod go-w"
            );
        }
        Ok(mem::take(&mut *text))
    })
}

/// Returns the content of a file, and whether users other than its owner can write it.
fn load(path: &Path) -> io::Result<(Zeroizing<String>, bool)> {
    // Before opening, because that has effects on some devices. And after opening, because another file may have taken
    // its place.
    check(&fs::metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    without_blocking(&mut options);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    check(&metadata)?;
    // One byte more than the size, because growing would leave copies of secrets in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1));
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => invalid("it has no end; expected a regular file"),
        _ => error,
    })?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(too_large("more than 1 MiB"));
    }
    let text = String::from_utf8(mem::take(&mut *bytes)).map_err(|error| {
        error.into_bytes().zeroize();
        invalid("it is not valid UTF-8")
    })?;
    Ok((Zeroizing::new(text), others_can_write(&metadata)))
}

fn check(metadata: &Metadata) -> io::Result<()> {
    if !metadata.is_file() {
        return Err(invalid(format!("it is {}; expected a regular file", kind(metadata))));
    }
    match metadata.len() {
        0..=MAX_FILE_BYTES => Ok(()),
        bytes => Err(too_large(format!("{bytes} bytes"))),
    }
}

fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

fn too_large(size: impl Into<String>) -> io::Error {
    invalid(format!("it has {}; expected a file with credentials, of at most 1 MiB", size.into()))
}

#[cfg(unix)]
fn kind(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;

    let kind = metadata.file_type();
    match () {
        () if kind.is_dir() => "a directory",
        () if kind.is_fifo() => "a FIFO",
        () if kind.is_socket() => "a socket",
        () => "a device",
    }
}

#[cfg(not(unix))]
fn kind(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() { "a directory" } else { "a device" }
}

#[cfg(unix)]
fn others_can_write(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    metadata.permissions().mode() & 0o022 != 0
}

/// Other systems have lists of permissions, which the standard library cannot read.
#[cfg(not(unix))]
fn others_can_write(_: &Metadata) -> bool {
    false
}

/// Lets `open` and `read` return instead of waiting, for files such as `/proc/kmsg` and for a FIFO that has taken the
/// place of a regular file.
#[cfg(unix)]
fn without_blocking(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;

    // The value of `O_NONBLOCK`, which the standard library does not export.
    const O_NONBLOCK: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
        if cfg!(any(target_arch = "mips", target_arch = "mips64")) {
            0o200
        } else if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) {
            0o40000
        } else {
            0o4000
        }
    } else if cfg!(any(target_vendor = "apple", target_os = "freebsd", target_os = "netbsd", target_os = "openbsd")) {
        0o4
    } else {
        // Unknown: the thread may wait.
        0
    };
    options.custom_flags(O_NONBLOCK);
}

#[cfg(not(unix))]
fn without_blocking(_: &mut OpenOptions) {}

#[cfg(test)]
mod tests;
