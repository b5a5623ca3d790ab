//! The pages that the project started from, compared with the spec of today. They are not part of the repository: where they
//! are missing, the tests say so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ecs_codegen::import::ExistingTree;
use ecs_codegen::pages::run;
use ecs_codegen::spec::{Field, Operation, SharedTypes};

use serde::de::DeserializeOwned;

use crate::options;

/// Why a page and the spec differ.
struct Explained {
    /// The start of the file's name.
    page: &'static str,
    /// Members that the API has gained since: the text has none of them, except `DeviceAvailable` as a member of the response.
    gained: &'static [&'static str],
    /// Members whose values the page does not list, which are strings for that reason.
    without_values: &'static [&'static str],
    /// Codes that the service has documented since.
    codes: &'static [&'static str],
}

/// Markdown, of before 2023.
const OLDER: Explained = Explained {
    page: "003_",
    gained: &[
        "> DeviceAvailable",
        "> Filter",
        "> Filter.Key",
        "> Filter.Value",
        "> HttpPutResponseHopLimit",
        "> Ipv6Address",
        "> MaxResults",
        "> NeedSaleCycle",
        "> NextToken",
        "< Instances.AdditionalInfo",
        "< Instances.AdditionalInfo.EnableHighDensityMode",
        "< Instances.AdditionalInfo.ManagedHostId",
        "< Instances.AdditionalInfo.NodeSerialNumber",
        "< Instances.ClockOptions",
        "< Instances.ClockOptions.PtpStatus",
        "< Instances.CpuOptions.EnableVISST",
        "< Instances.CpuOptions.EnableVRDT",
        "< Instances.CpuOptions.NestedVirtualization",
        "< Instances.CpuOptions.TopologyType",
        "< Instances.CpuOptions.TurboMode",
        "< Instances.EnableNVS",
        "< Instances.HibernationOptions",
        "< Instances.HibernationOptions.Configured",
        "< Instances.ISP",
        "< Instances.ImageOptions",
        "< Instances.ImageOptions.CurrentOSNVMeSupported",
        "< Instances.ImageOptions.LoginAsNonRoot",
        "< Instances.MetadataOptions.InstanceMetadataTags",
        "< Instances.NetworkInterfaces.Ipv4PrefixSets",
        "< Instances.NetworkInterfaces.Ipv4PrefixSets.Ipv4Prefix",
        "< Instances.NetworkInterfaces.Ipv6PrefixSets",
        "< Instances.NetworkInterfaces.Ipv6PrefixSets.Ipv6Prefix",
        "< Instances.NetworkInterfaces.Ipv6Sets",
        "< Instances.NetworkInterfaces.Ipv6Sets.Ipv6Address",
        "< Instances.NetworkInterfaces.Ipv6Sets.Primary",
        "< Instances.NetworkInterfaces.PrivateIpSets",
        "< Instances.NetworkInterfaces.PrivateIpSets.Primary",
        "< Instances.NetworkInterfaces.PrivateIpSets.PrivateDnsName",
        "< Instances.NetworkInterfaces.PrivateIpSets.PrivateIpAddress",
        "< Instances.NetworkInterfaces.Type",
        "< Instances.PrivateDnsNameOptions",
        "< Instances.PrivateDnsNameOptions.EnableInstanceIdDnsAAAARecord",
        "< Instances.PrivateDnsNameOptions.EnableInstanceIdDnsARecord",
        "< Instances.PrivateDnsNameOptions.EnableIpDnsARecord",
        "< Instances.PrivateDnsNameOptions.EnableIpDnsPtrRecord",
        "< Instances.PrivateDnsNameOptions.HostnameType",
        "< Instances.SecurityOptions",
        "< Instances.SecurityOptions.EnableSecureBoot",
        "< Instances.SpotInterruptionBehavior",
        "< NextToken",
    ],
    without_values: &["> LockReason"],
    codes: &["400 InternalError", "404 InvalidFilterValue"],
};

/// Text whose tables were flattened, of February 2024.
const NEWER: Explained = Explained {
    page: "004_",
    gained: &[
        "> DeviceAvailable",
        "< Instances.AdditionalInfo",
        "< Instances.AdditionalInfo.EnableHighDensityMode",
        "< Instances.AdditionalInfo.ManagedHostId",
        "< Instances.AdditionalInfo.NodeSerialNumber",
        "< Instances.ClockOptions",
        "< Instances.ClockOptions.PtpStatus",
        "< Instances.CpuOptions.EnableVISST",
        "< Instances.CpuOptions.EnableVRDT",
        "< Instances.CpuOptions.NestedVirtualization",
        "< Instances.CpuOptions.TurboMode",
        "< Instances.EnableNVS",
        "< Instances.ImageOptions.CurrentOSNVMeSupported",
        "< Instances.MetadataOptions.InstanceMetadataTags",
        "< Instances.NetworkInterfaces.Ipv6Sets.Primary",
        "< Instances.NetworkInterfaces.PrivateIpSets.PrivateDnsName",
        "< Instances.PrivateDnsNameOptions",
        "< Instances.PrivateDnsNameOptions.EnableInstanceIdDnsAAAARecord",
        "< Instances.PrivateDnsNameOptions.EnableInstanceIdDnsARecord",
        "< Instances.PrivateDnsNameOptions.EnableIpDnsARecord",
        "< Instances.PrivateDnsNameOptions.EnableIpDnsPtrRecord",
        "< Instances.PrivateDnsNameOptions.HostnameType",
        "< Instances.SecurityOptions",
        "< Instances.SecurityOptions.EnableSecureBoot",
    ],
    without_values: &["> AdditionalAttributes"],
    codes: &[],
};

#[test]
fn the_pages_of_describe_instances_give_its_spec_except_for_explained_differences() {
    let spec: Operation = curated("instances/DescribeInstances.json");
    let known = members(&spec, &curated("types.json"));
    for explained in [OLDER, NEWER] {
        let Some(page) = document(explained.page) else {
            println!("skipped: ../shared/documents does not exist");
            return;
        };
        let folder = tempfile::tempdir().expect("a folder");
        run(&[page], &options(folder.path())).expect("a page");
        let imported = ExistingTree::read(&folder.path().join("specs"), "ecs").expect("specs");
        let read = &imported.operations["DescribeInstances"];
        let found = members(read, &imported.types);

        let added: Vec<_> = found.keys().filter(|name| !known.contains_key(*name)).collect();
        assert!(added.is_empty(), "{}: not in the spec: {added:?}", explained.page);
        let lacks: BTreeSet<&str> =
            known.keys().filter(|name| !found.contains_key(*name)).map(String::as_str).collect();
        assert_eq!(lacks, explained.gained.iter().copied().collect(), "{}", explained.page);

        let other: Vec<_> = found.iter().filter(|(name, form)| known[*name] != **form).collect();
        let strings: Vec<_> = other.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(strings, explained.without_values, "{}: of another type: {other:?}", explained.page);

        let missing: Vec<_> = codes(&spec).difference(&codes(read)).cloned().collect();
        assert_eq!(missing, explained.codes, "{}", explained.page);
        assert!(codes(read).is_subset(&codes(&spec)), "{}: {:?}", explained.page, codes(read));
    }
}

/// A file of the specs; reading all of them would take seconds.
fn curated<T: DeserializeOwned>(path: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/ecs").join(path);
    serde_json::from_str(&fs::read_to_string(path).expect("a spec")).expect("a spec")
}

fn document(start: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/documents");
    let mut entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    entries.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start)))
}

/// The members of the request after `>`, and those of the response after `<`, with type, form on the wire, and whether they are
/// required.
fn members(operation: &Operation, shared: &SharedTypes) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (side, fields) in [("> ", &operation.request), ("< ", &operation.response)] {
        add(operation, shared, fields, side, &mut all);
    }
    all
}

fn add(
    operation: &Operation,
    shared: &SharedTypes,
    fields: &[Field],
    prefix: &str,
    all: &mut BTreeMap<String, String>,
) {
    for field in fields {
        let name = format!("{prefix}{}", field.name);
        let ty = operation.types.get(field.ty.name()).or_else(|| shared.get(field.ty.name()));
        let members = ty.and_then(|ty| ty.fields.as_ref());
        let kind = match (ty, members) {
            (_, Some(_)) => "struct",
            (Some(_), None) => "enum",
            (None, None) => field.ty.name(),
        };
        let wire = field.wire.as_ref().map_or(String::new(), |wire| format!(" {wire}"));
        all.insert(name.clone(), format!("{kind}{wire}{}", if field.required { ", required" } else { "" }));
        add(operation, shared, members.map_or(&[], Vec::as_slice), &format!("{name}."), all);
    }
}

fn codes(operation: &Operation) -> BTreeSet<String> {
    operation.errors.iter().map(|error| format!("{} {}", error.http, error.code)).collect()
}
