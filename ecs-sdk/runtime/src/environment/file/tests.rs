//! Files that must not be read, and one warning about files that others can write.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use super::*;

/// A folder that is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("ecs-sdk-files-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn read_in_time(path: &Path) -> Result<String, String> {
    let limit = Duration::from_secs(60);
    let result = tokio::time::timeout(limit, read(path)).await.expect("reading ends");
    result.map_err(|error| error.to_string())
}

#[tokio::test]
async fn reads_regular_files_of_at_most_1_mib() {
    let folder = Folder::new();
    assert_eq!(read_in_time(&folder.file("empty", "")).await, Ok(String::new()));
    let full = "x".repeat(1024 * 1024);
    assert_eq!(read_in_time(&folder.file("full", &full)).await, Ok(full.clone()));
    let error = read_in_time(&folder.file("large", full + "x")).await.unwrap_err();
    assert_eq!(error, "it has 1048577 bytes; expected a file with credentials, of at most 1 MiB");
    assert_eq!(read_in_time(&folder.0).await.unwrap_err(), "it is a directory; expected a regular file");
    assert_eq!(read_in_time(&folder.file("latin", [0x68, 0xe9])).await.unwrap_err(), "it is not valid UTF-8");
    assert_eq!(read(&folder.0.join("missing")).await.unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[cfg(unix)]
#[tokio::test]
async fn special_files_are_rejected() {
    let folder = Folder::new();
    let link = |name: &str, target: &Path| {
        let path = folder.0.join(name);
        std::os::unix::fs::symlink(target, &path).unwrap();
        path
    };
    let fifo = folder.0.join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let socket = folder.0.join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for (path, kind) in [
        (link("to-fifo", &fifo), "a FIFO"),
        (fifo, "a FIFO"),
        (socket, "a socket"),
        (link("zero", Path::new("/dev/zero")), "a device"),
        ("/dev/null".into(), "a device"),
    ] {
        let error = read_in_time(&path).await.unwrap_err();
        assert_eq!(error, format!("it is {kind}; expected a regular file"), "{}", path.display());
    }
    assert_eq!(read(&link("dangling", &folder.0.join("none"))).await.unwrap_err().kind(), io::ErrorKind::NotFound);
    let sparse = folder.file("sparse", "");
    OpenOptions::new().write(true).open(&sparse).unwrap().set_len(1 << 30).unwrap();
    assert!(read_in_time(&sparse).await.unwrap_err().starts_with("it has 1073741824 bytes"));
    let regular = folder.file("regular", "text");
    assert_eq!(read_in_time(&link("to-regular", &regular)).await.unwrap(), "text");
}

/// Files that take the place of a checked one are opened without waiting, and checked again.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn opening_a_fifo_does_not_wait_for_a_writer() {
    let folder = Folder::new();
    let fifo = folder.0.join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let (sender, receiver) = std::sync::mpsc::channel();
    let path = fifo.clone();
    thread::spawn(move || {
        let mut options = OpenOptions::new();
        options.read(true);
        without_blocking(&mut options);
        let _ = sender.send(options.open(path).map(|file| file.metadata().unwrap().is_file()));
    });
    assert!(!receiver.recv_timeout(Duration::from_secs(60)).expect("opening ends").unwrap());
}

#[tokio::test]
async fn a_file_that_hangs_occupies_one_thread_and_later_reads_wait_for_it() {
    let folder = Folder::new();
    let path = folder.file("file", "text");
    let hanging = turn(&path).lock_owned().await;
    let mut waiting = read(&path);
    assert!(tokio::time::timeout(Duration::from_millis(20), &mut waiting).await.is_err());
    drop(hanging);
    let text = tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("reading ends").unwrap();
    assert_eq!(text, "text");
}

#[cfg(unix)]
#[test]
fn warns_once_about_a_file_that_others_can_write() {
    use std::os::unix::fs::PermissionsExt as _;

    /// Counts events.
    #[derive(Clone, Default)]
    struct Events(Arc<AtomicU32>);

    impl tracing::Subscriber for Events {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            metadata.target() == TARGET
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, _: &tracing::Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }

    let folder = Folder::new();
    for (mode, warnings) in [(0o600, 0), (0o644, 0), (0o660, 1), (0o602, 1), (0o666, 1)] {
        let path = folder.file(&format!("{mode:o}"), "text");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let events = Events::default();
        tracing::subscriber::with_default(events.clone(), || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            for _ in 0..3 {
                assert_eq!(runtime.block_on(read_in_time(&path)).unwrap(), "text");
            }
        });
        assert_eq!(events.0.load(Ordering::Relaxed), warnings, "{mode:o}");
    }
}
