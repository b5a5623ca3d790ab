//! Files that are emitted and formatted on all cores.

use std::{
    num::NonZero,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use proc_macro2::TokenStream;

use super::Output;
use crate::{fileset::FileSet, render};

/// The crate that a file belongs to.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Sdk,
    Types,
    Companions,
    Runtime,
}

impl Output {
    /// The files of a crate.
    pub(super) fn part(&mut self, part: Part) -> &mut FileSet {
        match part {
            Part::Sdk => &mut self.sdk,
            Part::Types => &mut self.types,
            Part::Companions => &mut self.companions,
            Part::Runtime => &mut self.runtime,
        }
    }
}

/// Emits some files, each with its path.
type Emit<'m> = Box<dyn Fn() -> Vec<(String, String)> + Sync + 'm>;

struct Job<'m> {
    part: Part,
    is_operation: bool,
    emit: Emit<'m>,
}

/// The files of a run. They are independent of each other, so their order does not matter.
#[derive(Default)]
pub(super) struct Jobs<'m> {
    jobs: Vec<Job<'m>>,
}

impl<'m> Jobs<'m> {
    /// Adds a file.
    pub(super) fn add(&mut self, part: Part, path: String, tokens: impl Fn() -> TokenStream + Sync + 'm) {
        self.push(part, false, Box::new(move || vec![(path.clone(), render::render(tokens()))]));
    }

    /// Adds the module of an operation.
    pub(super) fn add_operation(&mut self, part: Part, path: String, tokens: impl Fn() -> TokenStream + Sync + 'm) {
        self.push(part, true, Box::new(move || vec![(path.clone(), render::render(tokens()))]));
    }

    /// Adds files that are emitted together, with paths below a folder and without the ending.
    pub(super) fn add_all(
        &mut self,
        part: Part,
        folder: String,
        files: impl Fn() -> Vec<(String, TokenStream)> + Sync + 'm,
    ) {
        let emit = move || {
            let rendered =
                files().into_iter().map(|(file, tokens)| (format!("{folder}/{file}.rs"), render::render(tokens)));
            rendered.collect()
        };
        self.push(part, false, Box::new(emit));
    }

    /// Adds a file that is not Rust.
    pub(super) fn add_text(&mut self, part: Part, path: String, text: impl Fn() -> String + Sync + 'm) {
        self.push(part, false, Box::new(move || vec![(path.clone(), text())]));
    }

    fn push(&mut self, part: Part, is_operation: bool, emit: Emit<'m>) {
        self.jobs.push(Job { part, is_operation, emit });
    }

    /// Adds all files to the output. `done` is called after each operation.
    pub(super) fn run(&self, output: &mut Output, done: &mut dyn FnMut()) {
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(self.jobs.len());
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..threads {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    while let Some(job) = self.jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        // The receiver outlives the threads.
                        let _ = sender.send((job, (job.emit)()));
                    }
                });
            }
            drop(sender);
            for (job, files) in receiver {
                output.part(job.part).extend(files);
                if job.is_operation {
                    done();
                }
            }
        });
    }
}
