//! The public API as lines: one per item, field, variant and method, and one for the traits of each type.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{
    Attribute, Expr, Fields, Generics, ImplItem, Item, ItemImpl, ItemTrait, Lit, Token, TraitItem, Type, Variant,
    punctuated::Punctuated, visit::Visit,
};

use super::{
    cfg::{Gates, gates},
    lines::{Lines, Order},
    reach::Reach,
    source::{ItemId, ModuleId, Source, Target, is_hidden},
    text::{Writer, text},
};
use crate::items::{attributes, is_public};

/// Returns the API that users reach from a root module.
pub(super) fn lines(source: &Source, root: ModuleId) -> Vec<String> {
    let mut lines = Lines::default();
    let reach = Reach::from(source, root, &mut lines);
    let mut surface = Surface { source, reach: &reach, lines, traits: BTreeMap::new() };
    for id in reach.public.keys() {
        surface.item(*id);
    }
    for module in 0..source.modules.len() {
        for entry in &source.modules[module].items {
            if let Item::Impl(block) = &entry.item {
                let gates = source.modules[module].gates.union(&entry.gates).cloned().collect();
                surface.implementation(module, block, &gates);
            }
        }
    }
    surface.write_traits();
    surface.lines.into_lines()
}

struct Surface<'a> {
    source: &'a Source,
    reach: &'a Reach<'a>,
    lines: Lines,
    /// Traits without generics or associated types: by type, then by conditions in addition to those of the type.
    traits: BTreeMap<String, BTreeMap<Gates, BTreeSet<String>>>,
}

impl<'a> Surface<'a> {
    fn writer(&self, module: ModuleId) -> Writer<'a> {
        Writer { source: self.source, public: &self.reach.public, module }
    }

    fn item(&mut self, id: ItemId) {
        let (name, outer) = (&self.reach.public[&id], &self.reach.gates[&id]);
        let item = &self.source.modules[id.0].items[id.1].item;
        let mut writer = self.writer(id.0);
        let marks = marks(attributes(item));
        let line = match item {
            Item::Const(item) => {
                let value = literal(&item.expr).map_or_else(String::new, |value| format!(" = {value}"));
                format!("pub const {name}: {}{value}", writer.ty(&item.ty))
            }
            Item::Static(item) => format!("pub static {name}: {}", writer.ty(&item.ty)),
            Item::Fn(item) => format!("pub {}", writer.function(name, &item.sig, None)),
            Item::Macro(_) => format!("pub macro {name}!"),
            Item::Type(item) => {
                format!("pub type {name}{} = {}", writer.generics(&item.generics), writer.ty(&item.ty))
            }
            Item::Struct(item) => {
                let clause = writer.where_clause(item.generics.where_clause.as_ref());
                let shape = self.fields(name, &item.fields, outer, id.0, true);
                self.derives(name, &item.attrs, &item.generics);
                format!("pub struct {name}{}{shape}{clause}", writer.generics(&item.generics))
            }
            Item::Enum(item) => {
                for variant in item.variants.iter().filter(|variant| !is_hidden(&variant.attrs)) {
                    self.variant(name, variant, outer, id.0);
                }
                self.derives(name, &item.attrs, &item.generics);
                let clause = writer.where_clause(item.generics.where_clause.as_ref());
                format!("pub enum {name}{}{clause}", writer.generics(&item.generics))
            }
            Item::Trait(item) => {
                self.trait_items(name, item, outer, id.0);
                let clause = writer.where_clause(item.generics.where_clause.as_ref());
                let (generics, bounds) = (writer.generics(&item.generics), writer.bounds(&item.supertraits));
                format!("pub trait {name}{generics}{bounds}{clause}")
            }
            item => format!("pub {}", text(item.to_token_stream())),
        };
        self.lines.add(name, Order::Item, &format!("{marks}{line}"), outer, &self.reach.outer[&id]);
    }

    /// Adds the public fields of a struct, and returns the rest of its declaration.
    fn fields(&mut self, name: &str, fields: &Fields, outer: &Gates, module: ModuleId, checked: bool) -> &'static str {
        let mut shape = match fields {
            Fields::Named(_) => " {}",
            Fields::Unnamed(_) => "()",
            Fields::Unit => "",
        };
        for (index, field) in fields.iter().enumerate() {
            let (Some(own), true) = (gates(&field.attrs), !is_hidden(&field.attrs)) else { continue };
            if checked && !is_public(&field.vis) {
                shape = if matches!(fields, Fields::Named(_)) { " { .. }" } else { "(..)" };
                continue;
            }
            let field_name = field.ident.as_ref().map_or_else(|| index.to_string(), ToString::to_string);
            let line =
                format!("{}pub {name}::{field_name}: {}", marks(&field.attrs), self.writer(module).ty(&field.ty));
            self.lines.add(name, Order::Member, &line, &own, outer);
        }
        shape
    }

    fn variant(&mut self, owner: &str, variant: &Variant, outer: &Gates, module: ModuleId) {
        let Some(own) = gates(&variant.attrs) else { return };
        let name = format!("{owner}::{}", variant.ident);
        let mut writer = self.writer(module);
        let shape = match &variant.fields {
            Fields::Unnamed(fields) => {
                let types: Vec<String> = fields.unnamed.iter().map(|field| writer.ty(&field.ty)).collect();
                format!("({})", types.join(", "))
            }
            Fields::Named(fields) => {
                let field = |field: &syn::Field| {
                    let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                    format!("{name}: {}", self.writer(module).ty(&field.ty))
                };
                format!(" {{ {} }}", fields.named.iter().map(field).collect::<Vec<_>>().join(", "))
            }
            Fields::Unit => String::new(),
        };
        self.lines.add(owner, Order::Member, &format!("{}pub {name}{shape}", marks(&variant.attrs)), &own, outer);
    }

    fn trait_items(&mut self, owner: &str, item: &ItemTrait, outer: &Gates, module: ModuleId) {
        for item in &item.items {
            let mut writer = self.writer(module);
            let (attributes, line): (&[Attribute], String) = match item {
                TraitItem::Fn(item) => {
                    let function = writer.function(&format!("{owner}::{}", item.sig.ident), &item.sig, None);
                    (&item.attrs, format!("pub {function}{}", if item.default.is_some() { " { .. }" } else { "" }))
                }
                TraitItem::Type(item) => {
                    let default = item.default.as_ref().map(|(_, ty)| format!(" = {}", writer.ty(ty)));
                    let bounds = writer.bounds(&item.bounds);
                    (&item.attrs, format!("pub type {owner}::{}{bounds}{}", item.ident, default.unwrap_or_default()))
                }
                TraitItem::Const(item) => {
                    let default = if item.default.is_some() { " = .." } else { "" };
                    (&item.attrs, format!("pub const {owner}::{}: {}{default}", item.ident, writer.ty(&item.ty)))
                }
                item => (&[], format!("pub {owner}::{}", text(item.to_token_stream()))),
            };
            if let (Some(own), false) = (gates(attributes), is_hidden(attributes)) {
                let line = format!("{}{line}", marks(attributes));
                self.lines.add(owner, Order::Member, &line, &own, outer);
            }
        }
    }

    fn derives(&mut self, name: &str, attributes: &[Attribute], generics: &Generics) {
        let mut ty = name.to_owned();
        if generics.params.iter().next().is_some() {
            let (_, arguments, _) = generics.split_for_impl();
            ty.push_str(&text(arguments.to_token_stream()));
        }
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            let traits = attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
            for path in traits.iter().flatten() {
                let last = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
                self.trait_of(&ty, last, Gates::new());
            }
        }
    }

    fn trait_of(&mut self, ty: &str, name: String, gates: Gates) {
        self.traits.entry(ty.to_owned()).or_default().entry(gates).or_default().insert(name);
    }

    fn write_traits(&mut self) {
        for (ty, by_gates) in std::mem::take(&mut self.traits) {
            let owner = ty.split('<').next().unwrap_or(&ty).to_owned();
            for (gates, names) in by_gates {
                let names: Vec<String> = names.into_iter().collect();
                let line = format!("impl {ty}: {}", names.join(", "));
                self.lines.add(&owner, Order::Traits, &line, &gates, &Gates::new());
            }
        }
    }

    fn implementation(&mut self, module: ModuleId, block: &ItemImpl, own: &Gates) {
        if is_hidden(&block.attrs) {
            return;
        }
        let owner = self.owner(module, &block.self_ty);
        match &block.trait_ {
            None => {
                if let Some(owner) = owner.filter(|owner| self.reach.public.contains_key(owner)) {
                    self.inherent(module, owner, block, own);
                }
            }
            Some((path, _)) => self.trait_implementation(module, owner, path, block, own),
        }
    }

    /// Returns the item of this project that a type refers to.
    fn owner(&self, module: ModuleId, ty: &Type) -> Option<ItemId> {
        let Type::Path(path) = ty else { return None };
        self.writer(module).target(&path.path).into_iter().find_map(|target| match target {
            Target::Item(id) => Some(id),
            _ => None,
        })
    }

    fn inherent(&mut self, module: ModuleId, owner: ItemId, block: &ItemImpl, own: &Gates) {
        let name = &self.reach.public[&owner];
        let outer = &self.reach.gates[&owner];
        let mut writer = self.writer(module);
        let ty = writer.ty(&block.self_ty);
        for item in &block.items {
            let (attributes, visibility, line): (&[Attribute], _, String) = match item {
                ImplItem::Fn(item) => {
                    let function = format!("{ty}::{}", item.sig.ident);
                    let line = writer.function(&function, &item.sig, Some(&block.generics));
                    (&item.attrs, &item.vis, format!("pub {line}"))
                }
                ImplItem::Const(item) => {
                    let value = literal(&item.expr).map_or_else(String::new, |value| format!(" = {value}"));
                    let line = format!("pub const {ty}::{}: {}{value}", item.ident, writer.ty(&item.ty));
                    (&item.attrs, &item.vis, line)
                }
                _ => continue,
            };
            if let (true, Some(gates), false) = (is_public(visibility), gates(attributes), is_hidden(attributes)) {
                let line = format!("{}{line}", marks(attributes));
                self.lines.add(name, Order::Member, &line, &own.union(&gates).cloned().collect(), outer);
            }
        }
    }

    fn trait_implementation(
        &mut self,
        module: ModuleId,
        owner: Option<ItemId>,
        path: &syn::Path,
        block: &ItemImpl,
        own: &Gates,
    ) {
        let mut writer = self.writer(module);
        let traits: Vec<ItemId> = writer
            .target(path)
            .into_iter()
            .filter_map(|target| if let Target::Item(id) = target { Some(id) } else { None })
            .collect();
        // A trait or type of this project that users cannot name.
        let hidden = |id: &ItemId| !self.reach.public.contains_key(id);
        if traits.iter().any(hidden) || owner.as_ref().is_some_and(hidden) {
            return;
        }
        let mut mentions = Mentions { surface: self, module, found: Vec::new() };
        mentions.visit_type(&block.self_ty);
        mentions.visit_path(path);
        let mentioned = mentions.found;
        let known: Vec<&Gates> = mentioned.iter().filter_map(|id| self.reach.gates.get(id)).collect();
        if known.is_empty() {
            return;
        }
        let all: Gates = known.into_iter().flatten().chain(own).cloned().collect();
        let full = writer.path(path);
        // Traits of the standard library and of serde are shown without their path.
        let mut name = if traits.is_empty() { short(&full) } else { full };
        let types: Vec<String> = block
            .items
            .iter()
            .filter_map(|item| match item {
                ImplItem::Type(item) => Some(format!("{} = {}", item.ident, writer.ty(&item.ty))),
                _ => None,
            })
            .collect();
        if !types.is_empty() {
            name.push_str(&format!(" {{ {} }}", types.join(", ")));
        }
        let ty = writer.ty(&block.self_ty);
        let negative = if block.modifiers.polarity.is_some() { "!" } else { "" };
        let plain = block.generics.type_params().next().is_none() && block.generics.const_params().next().is_none();
        let outer = owner.and_then(|owner| self.reach.gates.get(&owner)).cloned().unwrap_or_default();
        match owner.and_then(|owner| self.reach.public.get(&owner)) {
            Some(_) if plain && block.generics.where_clause.is_none() => {
                self.trait_of(&ty, format!("{negative}{name}"), all.difference(&outer).cloned().collect());
            }
            owner => {
                // An `impl` for a foreign type is listed with the first item of this project that it mentions.
                let owner = owner.or_else(|| mentioned.first().and_then(|id| self.reach.public.get(id)));
                let owner = owner.cloned().unwrap_or_else(|| ty.clone());
                let generics = writer.generics(&block.generics);
                let clause = writer.where_clause(block.generics.where_clause.as_ref());
                let line = format!("impl{generics} {negative}{name} for {ty}{clause}");
                self.lines.add(&owner, Order::Traits, &line, &all, &outer);
            }
        }
    }
}

/// Collects the public items that types mention.
struct Mentions<'a, 'b> {
    surface: &'b Surface<'a>,
    module: ModuleId,
    found: Vec<ItemId>,
}

impl<'ast> Visit<'ast> for Mentions<'_, '_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        syn::visit::visit_path(self, path);
        let items = self.surface.writer(self.module).target(path).into_iter().filter_map(|target| match target {
            Target::Item(id) => Some(id),
            _ => None,
        });
        self.found.extend(items.filter(|id| self.surface.reach.public.contains_key(id)));
    }
}

/// Returns a path without its modules: `std::fmt::Debug` is `Debug`, `std::convert::From<a::B>` is `From<a::B>`.
fn short(path: &str) -> String {
    let end = path.find('<').unwrap_or(path.len());
    let start = path[..end].rfind("::").map_or(0, |at| at + 2);
    path[start..].to_owned()
}

/// Returns the attributes that concern users of an item.
fn marks(attributes: &[Attribute]) -> String {
    let mut marks = String::new();
    for name in ["deprecated", "non_exhaustive"] {
        if attributes.iter().any(|attribute| attribute.path().is_ident(name)) {
            marks.push_str(&format!("#[{name}] "));
        }
    }
    marks
}

/// Returns a value that fits on a line: a literal, or a string from a macro.
fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(format!("{:?}", text.value())),
            literal => Some(text(literal.to_token_stream())),
        },
        _ => None,
    }
}
