//! Rules about secret members: a name that is secret somewhere in a service is secret everywhere in it, and so are
//! passwords and the like. Members that are left out are exempt: callers cannot set or see them.

use std::collections::BTreeMap;

use super::Checker;
use crate::{
    rules,
    spec::{Field, Type},
};

/// A member, its file, and its position there.
struct Use<'a> {
    file: String,
    at: String,
    field: &'a Field,
}

impl<'a> Checker<'a> {
    /// Checks that members with one name are all secret, or state why they are not.
    pub(super) fn secrets(&mut self) {
        // By name: the first secret member, and all others.
        let mut names: BTreeMap<&str, (Option<String>, Vec<Use<'_>>)> = BTreeMap::new();
        for one in self.uses() {
            let name = names.entry(&one.field.name).or_default();
            if one.field.sensitive && one.field.public.is_none() {
                name.0.get_or_insert(one.file);
            } else if one.field.skip.is_none() {
                name.1.push(one);
            }
        }
        for (name, (secret, uses)) in names {
            for Use { file, at, field } in uses {
                match (&field.public, &secret) {
                    (None, None) if indicates_secret(field) => {
                        let message = format!("`{name}` is not secret, but its name indicates a secret");
                        let help = "add \"sensitive\": true, or state with \"public\": \"…\" why this one is no secret";
                        self.mistake(&rules::SECRET, &file, &format!("{at}.name"), message, help);
                    }
                    (None, None) => {}
                    (None, Some(other)) => {
                        let message = format!("`{name}` is secret in {other}, but not here");
                        let help = "add \"sensitive\": true, or state with \"public\": \"…\" why this one is no secret";
                        self.mistake(&rules::SECRET, &file, &format!("{at}.name"), message, help);
                    }
                    (Some(_), _) if field.sensitive => {
                        let message = format!("`{name}` is both secret and public");
                        self.mistake(
                            &rules::SECRET,
                            &file,
                            &format!("{at}.public"),
                            message,
                            "remove `sensitive` or `public`",
                        );
                    }
                    (Some(_), None) if !indicates_secret(field) => {
                        let message = format!("no other member named `{name}` is secret");
                        self.mistake(
                            &rules::NEEDLESS_REASON,
                            &file,
                            &format!("{at}.public"),
                            message,
                            "remove `public`",
                        );
                    }
                    (Some(reason), _) if reason.split_whitespace().count() < 3 => {
                        let message = format!("`public` of `{name}` has no reason");
                        let help = "state why this member is no secret although others with its name are";
                        self.mistake(&rules::MISSING_REASON, &file, &format!("{at}.public"), message, help);
                    }
                    (Some(_), _) => {}
                }
            }
        }
    }

    /// All members of the service.
    fn uses(&self) -> Vec<Use<'a>> {
        let tree = self.tree;
        let mut uses = Vec::new();
        let mut add = |file: &str, at: &str, fields: &'a [Field]| {
            let members = fields.iter().enumerate();
            uses.extend(members.map(|(index, field)| Use {
                file: file.to_owned(),
                at: format!("{at}.{index}"),
                field,
            }));
        };
        for operation in &tree.operations {
            add(&operation.path, "request", &operation.request);
            add(&operation.path, "response", &operation.response);
            for (name, ty) in &operation.types {
                add(&operation.path, &format!("types.{name}.fields"), fields(ty));
            }
        }
        for (name, ty) in &tree.types {
            add(&format!("{}/types.json", tree.name), &format!("{name}.fields"), fields(ty));
        }
        uses
    }
}

/// Whether the name of a string indicates a secret. Tokens of pages and of idempotent requests are none.
pub(crate) fn indicates_secret(field: &Field) -> bool {
    const ENDS: [&str; 6] = ["Password", "Passwd", "Secret", "PrivateKey", "PrivateKeyBody", "Token"];
    let name = field.name.as_str();
    field.ty.name() == "string"
        && ENDS.iter().any(|end| name.ends_with(end))
        && !["ClientToken", "NextToken", "PageToken"].contains(&name)
}

fn fields(ty: &Type) -> &[Field] {
    ty.fields.as_deref().unwrap_or_default()
}
