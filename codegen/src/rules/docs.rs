//! Rules about docs.

use super::rules;

rules! { DOCS:
    MISSING_DOC "missing-doc" Error {
        "A public item has no doc.",
        "The docs of the SDK consist of these.",
        "Describe meaning, unit and effect in our own words, or add the name to glossary.json.",
        "{ \"name\": \"Size\", \"type\": \"i32\" }" => "{ \"name\": \"Size\", \"type\": \"i32\", \"doc\": \"Size of the disk in GiB.\" }",
    }
    DRAFT "draft" Info {
        "The docs of an operation, or of a whole service, are a draft: some are missing.",
        "Generated docs state only names, types and limits. An import writes new operations as drafts, because published docs must not be copied.",
        "Write the missing docs in our own words, then remove \"docs\": \"draft\". Without it, each missing doc is an error.",
        "\"operation\": \"StopInstance\", \"docs\": \"draft\", \"doc\": \"\"" => "\"operation\": \"StopInstance\", \"doc\": \"Stops an instance.\"",
    }
    FINISHED_DRAFT "finished-draft" Warning fix {
        "The docs of an operation or a service are marked as a draft, but the mark has no effect.",
        "It would hide docs that are missing later.",
        "Remove \"docs\": \"draft\".",
        "\"docs\": \"draft\", \"doc\": \"Stops an instance.\"" => "\"doc\": \"Stops an instance.\"",
    }
    DOC "doc" Warning {
        "A doc is a placeholder, repeats the name, has fewer than three words, or does not end like a sentence.",
        "It tells the reader nothing, or is unfinished.",
        "Describe meaning, unit and effect in our own words, ending with a period.",
        "\"doc\": \"The size.\"" => "\"doc\": \"Size of the disk in GiB.\"",
    }
    DOC_MARKUP "doc-markup" Error {
        "A doc has Markdown or HTML that rustdoc renders differently from how it reads, or warns about.",
        "A code block would become a doctest, a bracket a broken link, and HTML would be executed in the reader's browser.",
        "Use paragraphs, lists, `**bold**`, and code between single backticks.",
        "\"doc\": \"See <b>[Disks]</b>.\"" => "\"doc\": \"See **Disks**.\"",
    }
    DOC_REFERENCE "doc-reference" Warning {
        "A doc names a member with a dotted path that does not exist.",
        "The path would not become a link; it is misspelled, or the member was renamed.",
        "Correct the name.",
        "\"doc\": \"Used with `SystemDisk.Sise`.\"" => "\"doc\": \"Used with `SystemDisk.Size`.\"",
    }
    CONTROL_CHARACTER "control-character" Error {
        "A string has a control character, or one that is invisible or reverses the direction of text.",
        "Reviewers cannot see it, and it can make text look different from what it says.",
        "Remove it. In docs, `\\n\\n` separates paragraphs.",
        "\"doc\": \"Size\\u202eof the disk.\"" => "\"doc\": \"Size of the disk.\"",
    }
    DOC_REPEATS_GLOSSARY "doc-repeats-glossary" Warning fix {
        "A doc is equal to the glossary's entry for the name.",
        "The glossary's entry is the default, so a change of it would not reach this field.",
        "Remove the doc.",
        "{ \"name\": \"DryRun\", \"type\": \"bool\", \"doc\": \"(the glossary's text)\" }" => "{ \"name\": \"DryRun\", \"type\": \"bool\" }",
    }
    UNUSED_GLOSSARY_ENTRY "unused-glossary-entry" Warning {
        "No field uses an entry of the glossary.",
        "It is dead text, or the name is misspelled.",
        "Remove the entry, or correct its name.",
        "\"InstnaceId\": \"ID of the instance.\"" => "\"InstanceId\": \"ID of the instance.\"",
    }
}
