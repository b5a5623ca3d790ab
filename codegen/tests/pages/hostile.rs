//! Files that are no pages, and pages with broken contents.

use std::fs;

use ecs_codegen::pages::read;

use crate::write;

#[test]
fn errors_name_the_file_and_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    write(folder.path(), &[("empty/a.json", "{}"), ("essay.md", "# An essay\n\nText.\n")]);
    fs::write(path("utf16.md"), [0xff, 0xfe, 0x23, 0]).expect("a file");
    fs::write(path("latin.md"), [0x23, 0x20, 0xe9]).expect("a file");
    let cases = [
        ("missing.md", "No such file"),
        ("empty", "this folder has no pages"),
        ("essay.md", "no page about an operation"),
        ("utf16.md", "UTF-16"),
        ("latin.md", "not encoded in UTF-8"),
    ];
    for (name, reason) in cases {
        let error = read(&[path(name)]).expect_err(name).to_string();
        assert!(error.starts_with(&path(name).display().to_string()) && error.contains(reason), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn links_below_folders_are_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        &[("outside/PressWidget.md", "# PressWidget\n\n## Request parameters\n"), ("pages/a.md", "# a\n")],
    );
    std::os::unix::fs::symlink(folder.path().join("outside"), folder.path().join("pages/link")).expect("a link");
    std::os::unix::fs::symlink(folder.path().join("outside/PressWidget.md"), folder.path().join("pages/b.md"))
        .expect("a link");
    assert!(read(&[folder.path().join("pages")]).is_err());
}

#[test]
fn broken_pages_are_read_as_far_as_they_go() {
    let head =
        "\u{feff}# PressWidget\r\n\r\n## Request parameters\r\n\r\n|Name|Type|Required|Description|\r\n|-|-|-|-|\r\n";
    let deep = "{\"a\":[".repeat(5000);
    let dots = "A.".repeat(3000);
    let pages = [
        format!("{head}|WidgetId|String|Yes|a|\r\n"),
        format!("{head}|WidgetId|String|Yes|a"),
        format!(
            "{head}|WidgetId|String|Yes|a|\n|||||\n|\n||\n|B|\n\n## Response parameters\n\n|Name|Type|\n|-|-|\n|A|[A](A.md)|\n|└|String|\n"
        ),
        format!("{head}|WidgetId|String|Yes|a|\n|{dots}B|String|No|a|\n"),
        format!("{head}|WidgetId|String|Yes|a|\n\n## Examples\n\n```\n{deep}\n```\n\n```\n<a><b></c>\n"),
        format!("{head}|WidgetId|String|Yes|a|\n|{}", "|".repeat(100_000)),
    ];
    for page in pages {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &[("page.md", &page)]);
        let pages = read(&[folder.path().join("page.md")]).expect("a page");
        let parameters = &pages.api.apis["PressWidget"].parameters;
        assert_eq!(parameters[0].name, "WidgetId", "{page:.200}");
    }
}

#[test]
fn types_that_contain_themselves_end() {
    let members = "|Name|Type|Description|\n|--|--|--|\n";
    let page = format!(
        "# DescribeWidgets\n\n## Response parameters\n\n{members}|Widget|[WidgetType](#)|a|\n\n**WidgetType**\n\n{members}|Id|String|a|\n|Inner|[WidgetType](#)|a|\n"
    );
    let (operation, _) = crate::operation(&page);
    assert_eq!(operation.response.len(), 1);
}

#[test]
fn a_folder_is_read_without_the_files_that_cannot_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = "# StopWidget\n\n## Request parameters\n\n|Name|Type|Required|Description|\n|--|--|--|--|\n|WidgetId|String|Yes|The ID.|\n";
    write(folder.path(), &[("StopWidget.md", page)]);
    fs::write(folder.path().join("a.md"), [0xff, 0xfe, 0x23, 0]).expect("a file");
    let pages = read(&[folder.path().to_owned()]).expect("pages");
    assert!(pages.api.apis.contains_key("StopWidget"));
    let notes: Vec<String> = pages.notes.iter().map(ToString::to_string).collect();
    assert!(notes.iter().any(|note| note.contains("a.md:1: skipped: the file is encoded in UTF-16")), "{notes:?}");
}
