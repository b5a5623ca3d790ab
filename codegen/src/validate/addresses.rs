//! Rules about addresses: endpoints, and URLs of documentation.

use super::{Checker, visible};
use crate::{
    rules,
    spec::Operation,
    suggest::{closest, list},
};

impl Checker<'_> {
    /// Checks the endpoints of the service, and the URL of its documentation.
    pub(super) fn addresses(&mut self) {
        let tree = self.tree;
        let file = format!("{}/service.json", tree.name);
        let service = &tree.service;
        self.docs_url(&file, &service.docs_url, &["operation", "Operation"]);
        let endpoints = &service.endpoints;
        self.host(&file, "endpoints.default", &endpoints.default, &[]);
        self.host(&file, "endpoints.public", &endpoints.public, &["region"]);
        self.host(&file, "endpoints.vpc", &endpoints.vpc, &["region"]);
        for (key, exceptions) in
            [("public_exceptions", &endpoints.public_exceptions), ("vpc_exceptions", &endpoints.vpc_exceptions)]
        {
            for (region, host) in exceptions {
                let at = format!("endpoints.{key}.{region}");
                self.region(&file, &format!("{at}#"), region);
                self.host(&file, &at, host, &[]);
            }
        }
        for (index, region) in endpoints.regions.iter().enumerate() {
            let at = format!("endpoints.regions.{index}");
            self.region(&file, &at, region);
            if endpoints.regions[..index].contains(region) {
                let message = format!("the region `{region}` is listed twice");
                self.mistake(&rules::ENDPOINT, &file, &at, message, "remove one of the two");
            }
        }
    }

    /// Checks the URL of an operation's page.
    pub(super) fn operation_url(&mut self, operation: &Operation) {
        if let Some(url) = &operation.docs_url {
            self.docs_url(&operation.path, url, &[]);
        }
    }

    fn docs_url(&mut self, file: &str, url: &str, placeholders: &[&str]) {
        let host = url.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        let is_safe = |c: char| c.is_ascii_graphic() && !"<>\"'`\\^|()[]".contains(c);
        let (problem, help) = match host {
            None => {
                let scheme = url.split_once(':').map_or("no scheme", |(scheme, _)| scheme);
                (
                    format!(
                        "the URL has {}",
                        if url.contains(':') { format!("the scheme `{scheme}`") } else { scheme.to_owned() }
                    ),
                    "write a URL that begins with https://".to_owned(),
                )
            }
            Some(host) if !is_host(host) => {
                (format!("the URL has the invalid host `{host}`"), "write the host of a documentation site".to_owned())
            }
            Some(_) if !url.chars().all(is_safe) => {
                let help = "percent-encode blanks, quotes, brackets and letters outside ASCII".to_owned();
                ("the URL contains a character that URLs cannot have".to_owned(), help)
            }
            Some(_) => match unknown_placeholder(url, placeholders) {
                Some(problem) => problem,
                None => return,
            },
        };
        self.mistake(&rules::DOCS_URL, file, "docs_url", format!("invalid `docs_url`: {problem}"), help);
    }

    fn host(&mut self, file: &str, at: &str, host: &str, placeholders: &[&str]) {
        let (problem, help) = if host.contains("://") {
            let bare = host.split_once("://").map_or(host, |(_, rest)| rest).trim_end_matches('/');
            ("it has a scheme".to_owned(), format!("write the host name only: `{bare}`"))
        } else if let Some(problem) = unknown_placeholder(host, placeholders) {
            problem
        } else if !is_host(&host.replace("{region}", "region")) {
            (
                "it is not a host name".to_owned(),
                "write a host name in lower case, such as `ecs.aliyuncs.com`".to_owned(),
            )
        } else {
            return;
        };
        self.mistake(&rules::ENDPOINT, file, at, format!("invalid endpoint `{}`: {problem}", visible(host)), help);
    }

    fn region(&mut self, file: &str, at: &str, region: &str) {
        if !is_label(region) {
            let message = format!("invalid region ID `{}`", visible(region));
            self.mistake(
                &rules::ENDPOINT,
                file,
                at,
                message,
                "use lower-case letters, digits and `-`, as in `cn-hangzhou`",
            );
        }
    }
}

/// The problem of the first placeholder that is unknown or has no end, with its remedy.
fn unknown_placeholder(text: &str, known: &[&str]) -> Option<(String, String)> {
    let expected = || match known {
        [] => "write it without placeholders".to_owned(),
        known => format!("use {}", list(known.iter().map(|name| format!("{{{name}}}")))),
    };
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let inside = &rest[start..];
        let Some(end) = inside.find('}').filter(|_| inside.starts_with('{')) else {
            return Some(("it has a brace without its partner".to_owned(), expected()));
        };
        let name = &inside[1..end];
        if !known.contains(&name) {
            let help = match closest(name, known) {
                Some(close) => format!("did you mean `{{{close}}}`?"),
                None => expected(),
            };
            return Some((format!("it has the unknown placeholder `{{{name}}}`"), help));
        }
        rest = &inside[end + 1..];
    }
    None
}

/// Whether it is the name of a host: labels joined by dots, with a top-level domain.
pub(crate) fn is_host(host: &str) -> bool {
    host.len() <= 253 && host.contains('.') && host.split('.').all(is_label)
}

pub(crate) fn is_label(label: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&label.len()) && label.chars().all(fits) && !label.starts_with('-') && !label.ends_with('-')
}
