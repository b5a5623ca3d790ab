//! Compares pagination and waiters.

use super::{
    Both,
    change::{Impact, Log, Spots},
    surface,
    values::changed,
};
use crate::{
    spec::{Operation, PageStyle, Pagination},
    type_graph::Scope,
};

/// The style of pagination, in words.
pub(super) fn style(pages: &Pagination) -> &'static str {
    match pages.style {
        PageStyle::Token => "token",
        PageStyle::Number => "number",
        PageStyle::Offset => "offset",
    }
}

pub(super) fn compare_paging(log: &mut Log<'_>, both: &Both<'_>, old: &Operation, new: &Operation, spots: &Spots<'_>) {
    match (&old.pagination, &new.pagination) {
        (Some(_), None) => {
            log.add("pagination-removed", Impact::Breaking, "pagination", "removed")
                .effect("the methods `items` and `pages` are gone, and waiters read only the first page")
                .at(spots.before("pagination#"));
        }
        (None, Some(pages)) => {
            let message = format!("added, by {} of `{}`", style(pages), pages.items);
            log.add("pagination-added", Impact::Additive, "pagination", message)
                .effect("the methods `items` and `pages`; waiters read all pages")
                .at(spots.after("pagination#"));
        }
        (Some(before), Some(after)) => {
            let item = |side: usize, operation: &Operation, pages: &Pagination| {
                let shared = [&both.old.tree.types, &both.new.tree.types][side];
                item_type(both, Scope::of(operation, shared), operation, &pages.items)
            };
            let (was, is) = (item(0, old, before), item(1, new, after));
            for key in changed(before, after) {
                let (class, effect) = match key.key.as_str() {
                    "items" if was != is => (
                        Impact::Breaking,
                        format!("`items` and `pages` return another list: {} instead of {}", shown(&is), shown(&was)),
                    ),
                    "items" => {
                        (Impact::Behavior, "`items` and `pages` return another list of the same type".to_owned())
                    }
                    "style" => (
                        Impact::Behavior,
                        format!("pages are requested by {} instead of {}", style(after), style(before)),
                    ),
                    "max" | "size" => (Impact::Behavior, "pages that callers do not size have another size".to_owned()),
                    _ => (Impact::Behavior, "pages are requested in another way".to_owned()),
                };
                log.add("pagination-changed", class, "pagination", key.sentence())
                    .values(Some(key.old_text()), Some(key.new_text()))
                    .effect(effect)
                    .at(spots.part("pagination").key(&key.key, key.new.is_some()));
            }
        }
        (None, None) => {}
    }
}

fn shown(item: &Option<String>) -> String {
    item.as_ref().map_or_else(|| "no list".to_owned(), |item| format!("`{item}`"))
}

/// The Rust type of a list, given by its dotted path in the response.
fn item_type(both: &Both<'_>, scope: Scope<'_>, operation: &Operation, path: &str) -> Option<String> {
    let mut scope = scope;
    let mut fields = operation.response.as_slice();
    let mut ty = None;
    for name in path.split('.') {
        let field = fields.iter().find(|field| field.name == name)?;
        ty = Some(surface::field(&both.new.names, field, scope, false).ty);
        match scope.find(field.ty.name()) {
            Some(found) => {
                fields = found.ty.fields.as_deref().unwrap_or_default();
                scope = found.scope;
            }
            None => fields = &[],
        }
    }
    ty
}

pub(super) fn compare_waiters(log: &mut Log<'_>, old: &Operation, new: &Operation, spots: &Spots<'_>) {
    for (from, waiter) in old.waiters.iter().enumerate() {
        let path = format!("waiter `{}`", waiter.name);
        let Some(to) = new.waiters.iter().position(|other| other.name == waiter.name) else {
            // The same facts under another name.
            let same = new.waiters.iter().find(|other| {
                let is_new = !old.waiters.iter().any(|known| known.name == other.name);
                is_new
                    && other.ids == waiter.ids
                    && other.state == waiter.state
                    && other.success == waiter.success
                    && other.gone == waiter.gone
            });
            let message = same.map_or_else(|| "removed".to_owned(), |other| format!("renamed to `{}`", other.name));
            let rule = if same.is_some() { "waiter-renamed" } else { "waiter-removed" };
            log.add(rule, Impact::Breaking, path, message)
                .effect(format!("`client.wait_until_{}()` is gone", waiter.name))
                .at(spots.before(&format!("waiters.{from}")));
            continue;
        };
        let spots = spots.part("waiters").within(&from.to_string(), &to.to_string());
        for key in changed(waiter, &new.waiters[to]) {
            let (class, effect) = match key.root() {
                "ids" => (Impact::Breaking, Some("the setter of the IDs changes")),
                "target" => (Impact::Breaking, Some("the setter of the state to wait for changes")),
                "items" => (Impact::Breaking, Some("the waiter returns other items")),
                "doc" => (Impact::Docs, None),
                "success" | "failure" | "transient" | "any" | "gone" => {
                    (Impact::Behavior, Some("waits end in other states"))
                }
                "chunk" => (Impact::Behavior, Some("each request asks for another number of resources")),
                _ => (Impact::Behavior, Some("the resources are polled in another way")),
            };
            let change = log
                .add("waiter-changed", class, &path, key.sentence())
                .values(Some(key.old_text()), Some(key.new_text()))
                .at(spots.key(&key.key, key.new.is_some()));
            if let Some(effect) = effect {
                change.effect(effect);
            }
        }
    }
    for (index, waiter) in new.waiters.iter().enumerate() {
        if !old.waiters.iter().any(|other| other.name == waiter.name) {
            log.add("waiter-added", Impact::Additive, format!("waiter `{}`", waiter.name), "added")
                .effect(format!("`client.wait_until_{}()`", waiter.name))
                .at(spots.after(&format!("waiters.{index}")));
        }
    }
}
