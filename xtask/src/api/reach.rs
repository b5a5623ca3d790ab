//! The public name of each item: the shortest path from the root of the crate that users depend on.

use std::collections::{HashMap, VecDeque};

use super::{
    cfg::Gates,
    lines::{Lines, Order},
    source::{ItemId, ModuleId, Source, Target, is_hidden},
};
use crate::items::{attributes, item_name};

/// Depth to which glob imports are followed; deeper ones are cyclic.
const MAX_GLOBS: usize = 8;

/// The items that users can reach.
pub(super) struct Reach<'a> {
    source: &'a Source,
    pub(super) public: HashMap<ItemId, String>,
    /// Conditions under which an item exists.
    pub(super) gates: HashMap<ItemId, Gates>,
    /// Conditions under which the public module of an item exists.
    pub(super) outer: HashMap<ItemId, Gates>,
}

impl<'a> Reach<'a> {
    /// Finds all names reachable from the root module. Modules and re-exports under longer names get separate lines.
    pub(super) fn from(source: &'a Source, root: ModuleId, lines: &mut Lines) -> Self {
        let mut reach = Self { source, public: HashMap::new(), gates: HashMap::new(), outer: HashMap::new() };
        reach.reach(root, lines);
        reach
    }

    fn reach(&mut self, root: ModuleId, lines: &mut Lines) {
        let name = self.source.modules[root].name.clone();
        let mut modules: HashMap<ModuleId, String> = HashMap::from([(root, name.clone())]);
        let mut open = VecDeque::from([(root, name, Gates::new())]);
        while let Some((module, path, outer)) = open.pop_front() {
            let mut entries = Vec::new();
            self.entries(module, &outer, &mut entries, 0);
            entries.sort_by(|(a, ..), (b, ..)| a.cmp(b));
            entries.dedup();
            for (name, target, mut gates) in entries {
                let full = format!("{path}::{name}");
                let known = match &target {
                    Target::Module(child) => {
                        gates.extend(self.source.modules[*child].gates.iter().cloned());
                        modules.get(child).cloned()
                    }
                    Target::Item(id) => {
                        gates.extend(self.source.modules[id.0].gates.iter().cloned());
                        gates.extend(self.source.modules[id.0].items[id.1].gates.iter().cloned());
                        self.public.get(id).cloned()
                    }
                    Target::External(path) => Some(path.join("::")),
                };
                if let Some(known) = known {
                    lines.add(&full, Order::Item, &format!("pub use {full} = {known}"), &gates, &outer);
                    continue;
                }
                match target {
                    Target::Module(child) => {
                        lines.add(&full, Order::Item, &format!("pub mod {full}"), &gates, &outer);
                        modules.insert(child, full.clone());
                        open.push_back((child, full, gates));
                    }
                    Target::Item(id) => {
                        self.public.insert(id, full);
                        self.gates.insert(id, gates);
                        self.outer.insert(id, outer.clone());
                    }
                    Target::External(_) => {}
                }
            }
        }
    }

    /// Returns the public names of a module.
    fn entries(&self, module: ModuleId, outer: &Gates, entries: &mut Vec<(String, Target, Gates)>, depth: usize) {
        let here = &self.source.modules[module];
        for child in here.children.iter().filter(|child| self.source.modules[**child].public) {
            entries.push((self.source.modules[*child].name.clone(), Target::Module(*child), outer.clone()));
        }
        for (index, entry) in here.items.iter().enumerate() {
            if let Some((name, true)) = item_name(&entry.item) {
                entries.push((name, Target::Item((module, index)), outer.clone()));
            }
        }
        for import in here.imports.iter().filter(|import| import.public && !import.hidden) {
            let gates: Gates = outer.union(&import.gates).cloned().collect();
            let Some(name) = &import.name else {
                for target in self.source.resolve(module, &import.path) {
                    if let (Target::Module(other), true) = (target, depth < MAX_GLOBS) {
                        self.entries(other, &gates, entries, depth + 1);
                    }
                }
                continue;
            };
            for target in self.source.named(module, name, true, 0) {
                entries.push((name.clone(), target, gates.clone()));
            }
        }
        entries.retain(|(_, target, _)| match target {
            Target::Module(module) => !self.source.modules[*module].hidden,
            Target::Item(id) => !is_hidden(attributes(&self.source.modules[id.0].items[id.1].item)),
            Target::External(_) => true,
        });
    }
}
