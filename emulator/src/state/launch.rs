//! Resources that instances are launched with: images, key pairs and launch templates.

use super::{Row, State, Table};
use crate::resources::{Image, KeyPair, LaunchTemplate};

impl State {
    /// Fills in the members of images, key pairs and launch templates that a state file omits.
    pub(super) fn fill_in_launch(&mut self) {
        fill(&mut self.images, Image::fill_in);
        fill(&mut self.key_pairs, KeyPair::fill_in);
        fill(&mut self.launch_templates, LaunchTemplate::fill_in);
    }
}

/// Completes all rows of a table.
fn fill<T: Row>(table: &mut Table<T>, complete: impl Fn(&mut T)) {
    for id in table.values().map(|row| row.id().to_owned()).collect::<Vec<_>>() {
        if let Some(mut row) = table.get_mut(&id) {
            complete(&mut row);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;
    use crate::state::ACCOUNT;

    #[test]
    fn a_file_may_leave_out_most_members() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
        let file = json!({ "resources": {
            "images": [{ "id": "m-1", "region": "cn-hangzhou" }, { "id": "m-2", "platform": "Windows Server 2022" }],
            "key_pairs": [{ "id": "ssh-1", "region": "cn-hangzhou", "name": "me", "public_key": key }],
            "launch_templates": [
                { "id": "lt-1", "region": "cn-hangzhou", "versions": [{ "number": 2 }, { "description": "New" }] },
                { "id": "lt-2", "region": "cn-hangzhou", "created": "2026-01-01T00:00:00Z" },
            ],
        }});
        let now = datetime!(2026-01-02 03:04:05 UTC);
        let state = State::load(ACCOUNT, 1, &file, now).unwrap();
        let image = state.images.get("m-1").unwrap();
        let members = [&image.name, &image.platform, &image.os_type, &image.architecture, &image.boot_mode];
        assert_eq!(members, ["m-1", "Others Linux", "linux", "x86_64", "BIOS"]);
        assert_eq!((image.size, *image.created), (20, now));
        assert!(state.images.get("m-2").unwrap().is_windows());
        assert_eq!(state.key_pairs.get("ssh-1").unwrap().fingerprint.len(), 32);
        let template = state.launch_templates.get("lt-1").unwrap();
        let numbers: Vec<i64> = template.versions.iter().map(|version| version.number).collect();
        assert_eq!((numbers, template.default_version, template.next_version()), (vec![2, 3], 2, 4));
        let template = state.launch_templates.get("lt-2").unwrap();
        assert_eq!((template.latest_version(), template.modified), (1, datetime!(2026-01-01 00:00 UTC).into()));
        let again = State::load(ACCOUNT, 1, &state.save(), now).unwrap();
        assert_eq!(again.save(), state.save());
    }
}
