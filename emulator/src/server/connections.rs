//! The connections of a server: accepts them, limits their number, and ends them when the server stops.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::TcpStream,
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};

use super::{activity::Activity, connection::Shared, listeners::Listeners, stop::Stop};

/// Errors of a listener in a row after which it is treated as broken. Single errors are those of connections that were closed
/// before they were accepted.
const MAX_ACCEPT_ERRORS: u32 = 10;

/// Delay after an error of a listener, so that errors do not keep a processor busy. Short, because a client waits.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);

/// The system's errors for too many open files: ENFILE and EMFILE of Unix, WSAEMFILE of Windows.
const TOO_MANY_FILES: [i32; 3] = [23, 24, 10024];

/// The connections of a server.
pub(super) struct Connections {
    shared: Arc<Shared>,
    /// Limit of their number.
    max: usize,
    tasks: JoinSet<()>,
    /// The tasks in the order in which the connections were accepted.
    open: Vec<(AbortHandle, Activity)>,
    /// Their number, for other threads.
    count: Arc<AtomicUsize>,
}

impl Connections {
    pub(super) fn new(shared: Arc<Shared>, max: usize, count: Arc<AtomicUsize>) -> Self {
        Connections { shared, max, tasks: JoinSet::new(), open: Vec::new(), count }
    }

    /// Accepts connections until the server stops, and then ends them.
    ///
    /// # Errors
    ///
    /// Returns the error of a listener that is broken.
    pub(super) async fn run(mut self, mut listeners: Listeners, mut stop: watch::Receiver<Stop>) -> io::Result<()> {
        let mut errors = 0;
        loop {
            let has_room = self.has_room();
            tokio::select! {
                _ = stop.wait_for(|stop| *stop != Stop::No) => break,
                // Its error is a panic, which has been printed. It ends this connection only.
                Some(_) = self.tasks.join_next() => self.forget_closed(),
                // Looks again whether a connection has become idle.
                () = sleep(ACCEPT_BACKOFF), if !has_room => {}
                accepted = listeners.accept(), if has_room => match accepted {
                    Ok(stream) => {
                        errors = 0;
                        self.add(stream);
                    }
                    Err(error) if is_out_of_files(&error) => self.free_a_file().await,
                    Err(error) => {
                        errors += 1;
                        if errors == MAX_ACCEPT_ERRORS {
                            return Err(error);
                        }
                        sleep(ACCEPT_BACKOFF).await;
                    }
                }
            }
        }
        drop(listeners);
        self.end(stop).await;
        Ok(())
    }

    /// Whether another connection can be accepted: there are not too many, or one of them is idle and can be closed for it.
    fn has_room(&self) -> bool {
        self.open.len() < self.max || self.open.iter().any(|(_, activity)| activity.is_idle())
    }

    fn add(&mut self, stream: TcpStream) {
        let refused = self.shared.simulation.refuses();
        if self.open.len() >= self.max {
            self.close_idle();
        }
        let activity = Activity::default();
        let task = self.tasks.spawn(Arc::clone(&self.shared).serve(stream, refused, activity.clone()));
        self.open.push((task, activity));
        self.count.store(self.open.len(), Ordering::Relaxed);
    }

    fn forget_closed(&mut self) {
        self.open.retain(|(task, _)| !task.is_finished());
        self.count.store(self.open.len(), Ordering::Relaxed);
    }

    /// Closes the oldest connection without a request, and returns whether there was one.
    fn close_idle(&mut self) -> bool {
        let idle = self.open.iter().position(|(_, activity)| activity.is_idle());
        idle.map(|index| self.open.remove(index).0.abort()).is_some()
    }

    async fn free_a_file(&mut self) {
        if self.close_idle() {
            // The task drops its connection.
            tokio::task::yield_now().await;
        } else {
            sleep(ACCEPT_BACKOFF).await;
        }
    }

    /// Ends all connections: when their requests are finished, but no later than the stop allows.
    async fn end(mut self, mut stop: watch::Receiver<Stop>) {
        let Stop::Gracefully(grace) = *stop.borrow_and_update() else { return };
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        tokio::select! {
            _ = timeout(grace, finished) => {}
            _ = stop.wait_for(|stop| *stop == Stop::Now) => {}
        }
    }
}

fn is_out_of_files(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::OutOfMemory
        || error.raw_os_error().is_some_and(|code| TOO_MANY_FILES.contains(&code))
}
