use std::collections::{BTreeSet, HashSet};

use super::*;

fn embedded() -> &'static Catalog {
    Catalog::embedded()
}

#[test]
fn the_built_in_catalog_is_valid() {
    builtin::file().and_then(file::CatalogFile::build).unwrap();
}

#[test]
fn every_type_is_complete_and_listed_once() {
    let types = embedded().instance_types();
    assert!(types.len() > 600);
    for ty in types {
        let complete = ty.cpu > 0 && ty.memory > 0.0 && ty.hourly > 0.0 && ty.bandwidth > 0 && ty.packets > 0;
        assert!(complete && ty.interfaces > 0 && ty.ipv4 > 0 && ty.queues > 0, "{ty:?}");
        assert!(ty.id.starts_with(&ty.family.name), "{ty:?}");
        assert!(!ty.family.zones.as_ref().is_some_and(HashSet::is_empty), "{ty:?}");
    }
    let ids: BTreeSet<_> = types.iter().map(|ty| &ty.id).collect();
    assert_eq!(ids.len(), types.len());
    for family in embedded().families() {
        assert!(types.iter().any(|ty| ty.family.name == family.name), "{family:?}");
    }
}

#[test]
fn sizes_have_their_published_facts() {
    let cases = [
        ("ecs.g5.large", 2, 8.0, 2, 6, 1000),
        ("ecs.g6.26xlarge", 104, 384.0, 15, 20, 25_000),
        ("ecs.c6.13xlarge", 52, 96.0, 7, 20, 12_500),
        ("ecs.g7.large", 2, 8.0, 3, 6, 2000),
        ("ecs.g7.32xlarge", 128, 512.0, 15, 30, 64_000),
        ("ecs.g8i.48xlarge", 192, 1024.0, 15, 50, 100_000),
        ("ecs.g8a.48xlarge", 192, 768.0, 15, 50, 64_000),
        ("ecs.g8y.4xlarge", 16, 64.0, 8, 30, 10_000),
        ("ecs.c7.3xlarge", 12, 24.0, 8, 15, 8000),
        ("ecs.r7.xlarge", 4, 32.0, 4, 15, 3000),
        ("ecs.e-c1m2.xlarge", 4, 8.0, 2, 6, 800),
        ("ecs.u1-c1m8.2xlarge", 8, 64.0, 4, 10, 2500),
        ("ecs.t6-c4m1.large", 2, 0.5, 2, 2, 80),
        ("ecs.i4.large", 2, 16.0, 3, 6, 2500),
        ("ecs.gn7i-c8g1.2xlarge", 8, 30.0, 4, 15, 16_000),
    ];
    for (id, cpu, memory, interfaces, ipv4, mbps) in cases {
        let ty = embedded().instance_type(id).unwrap_or_else(|| panic!("{id}"));
        let facts = (ty.cpu, ty.memory, ty.interfaces, ty.ipv4, ty.bandwidth);
        assert_eq!(facts, (cpu, memory, interfaces, ipv4, mbps), "{id}");
    }
}

#[test]
fn every_image_is_complete_and_listed_once() {
    let images = embedded().images();
    assert!(images.len() > 60);
    for image in images {
        for text in [&image.family, &image.platform, &image.system, &image.system_zh] {
            assert!(!text.is_empty(), "{image:?}");
        }
        assert!(image.id.ends_with(".vhd") && image.size >= 20, "{image:?}");
        assert!(image.id.contains(if image.architecture == "arm64" { "arm64" } else { "64" }), "{image:?}");
    }
    let ids: BTreeSet<_> = images.iter().map(|image| &image.id).collect();
    assert_eq!(ids.len(), images.len());
}

#[test]
fn images_in_use_today_exist() {
    for family in ["alibaba_cloud_linux_3_2104_lts_x64", "ubuntu_22_04_x64", "ubuntu_24_04_x64", "centos_stream_9_x64"]
    {
        assert!(embedded().newest_image(&format!("acs:{family}")).is_some(), "{family}");
    }
    for platform in ["Debian", "Windows Server 2022", "AlmaLinux", "Rocky Linux", "Anolis", "RedHat", "SUSE", "Freebsd"]
    {
        assert!(embedded().images().iter().any(|image| image.platform == platform), "{platform}");
    }
}

#[test]
fn all_regions_of_the_specs_exist() {
    let specs = crate::specs::Specs::embedded().unwrap();
    let regions = &specs.service("ecs").unwrap().service.endpoints.regions;
    let known: Vec<&str> = embedded().regions().iter().map(|region| region.id.as_str()).collect();
    assert_eq!(known, regions.iter().map(String::as_str).collect::<Vec<_>>());
    let hangzhou = embedded().region("cn-hangzhou").unwrap();
    assert_eq!(hangzhou.endpoint, "ecs-cn-hangzhou.aliyuncs.com");
    assert_eq!(hangzhou.zone_names("cn-hangzhou-h"), ("杭州 可用区H".to_owned(), "Hangzhou Zone H".to_owned()));
}

#[test]
fn a_file_adds_to_the_built_in_catalog() {
    let catalog = Catalog::read(
        r#"{
            "families": [{"id": "ecs.mine", "category": "General-purpose", "processor": "Mine 1", "ghz": [3, 0]}],
            "instance_types": [
                {"id": "ecs.mine.large", "cpu": 2, "memory": 6},
                {"id": "ecs.g7.large", "memory": 10}
            ],
            "images": [{"id": "mine.vhd", "platform": "Others Linux", "name": "Mine", "created": "2026-01-01T00:00:00Z"}],
            "stock": [{"zone": "cn-hangzhou-h", "instance_type": "ecs.g7.*", "stock": "sold_out"}],
            "ram_roles": [{"name": "MyRole"}]
        }"#,
    )
    .unwrap();
    let own = catalog.instance_type("ecs.mine.large").unwrap();
    assert_eq!((own.cpu, own.memory, own.family.processor.as_str()), (2, 6.0, "Mine 1"));
    let changed = catalog.instance_type("ecs.g7.large").unwrap();
    assert_eq!((changed.cpu, changed.memory, changed.interfaces), (2, 10.0, 3));
    let market = Market::default();
    assert_eq!(catalog.stock(&market, "cn-hangzhou-h", changed), Stock::SoldOut);
    assert_eq!(catalog.stock(&market, "cn-hangzhou-i", changed), Stock::Available);
    assert!(catalog.image("mine.vhd").is_some() && catalog.ram_role("MyRole").is_some());
    assert_eq!(catalog.images().len(), embedded().images().len() + 1);
}

#[test]
fn a_file_can_stand_alone() {
    let catalog = Catalog::read(
        r#"{
            "extends": "nothing",
            "regions": [{"id": "cn-lab", "zones": ["cn-lab-a"]}],
            "disk_categories": [{"id": "cloud_essd", "system": [20, 40], "data": [20, 80], "hourly_per_gib": 0.1}],
            "families": [{"id": "ecs.a", "category": "Shared", "processor": "p", "ghz": [3, 0], "disks": ["cloud_essd"]}],
            "instance_types": [{"id": "ecs.a.small", "cpu": 1, "memory": 1}]
        }"#,
    )
    .unwrap();
    assert_eq!((catalog.instance_types().len(), catalog.images().len(), catalog.regions().len()), (1, 0, 1));
    assert_eq!(catalog.region("cn-lab").unwrap().endpoint, "ecs.cn-lab.aliyuncs.com");
}

#[test]
fn mistakes_name_place_and_remedy() {
    let family = |rest: &str| {
        format!(r#"{{"families": [{{"id": "ecs.a", "category": "c", "processor": "p", "ghz": [1, 0]{rest}}}]}}"#)
    };
    let cases = [
        ("{", "line 1 column 1"),
        ("{} {}", "a catalog is one JSON object"),
        (r#"{"instance_typs": []}"#, "unknown field `instance_typs`"),
        (r#"{"images": [{"id": "a", "platfrom": "b"}]}"#, "images[0]"),
        (r#"{"instance_types": [{"id": "ecs.no.large", "cpu": 1, "memory": 1}]}"#, "add it under `families`"),
        (r#"{"instance_types": [{"id": "ecs.new", "family": "ecs.g7", "cpu": 1}]}"#, "`cpu` and `memory` are required"),
        (r#"{"regions": [{"id": "cn-a", "zones": ["cn-b-a"]}]}"#, "must begin with the region ID"),
        (r#"{"images": [{"id": "a", "platform": "b", "name": "c", "created": "now"}]}"#, "expected a time such as"),
        (&family(r#", "disks": ["cloud_fast"]"#), "families, `ecs.a`: unknown disk category `cloud_fast`"),
        (&family(r#", "sizes": "none""#), "unknown list of sizes `none`"),
        (&family(r#", "sizes": "7", "without": ["9xlarge"]"#), "not a size in `7`"),
        (r#"{"instance_types": [{"id": "ecs.g7.large", "hourly": -1}]}"#, "prices are from 0 to"),
        (r#"{"instance_types": [{"id": "ecs.g7.large", "mbps": 4000000000}]}"#, "a number is out of range"),
        (r#"{"prices": {"subscription_factor": -1}}"#, "a price or factor is out of range"),
        (r#"{"disk_categories": [{"id": "a", "data": [20, 10], "hourly_per_gib": 1}]}"#, "write `[smallest, largest]`"),
    ];
    for (json, part) in cases {
        let error = Catalog::read(json).unwrap_err().to_string();
        assert!(error.starts_with("invalid catalog: ") && error.contains(part), "{json}: {error}");
    }
}

#[test]
fn stock_and_prices_change_while_it_runs() {
    let catalog = embedded();
    let ty = catalog.instance_type("ecs.g7.large").unwrap();
    let mut market = Market::default();
    let price = catalog.hourly(&market, "cn-hangzhou", ty);
    let rule = |stock| StockRule { zone: "cn-hangzhou-*".into(), instance_type: ty.id.clone(), stock };
    market.set_stock(rule(Stock::None));
    market.set_stock(rule(Stock::SoldOut));
    assert_eq!(market.stock.len(), 1);
    assert_eq!(catalog.stock(&market, "cn-hangzhou-h", ty), Stock::SoldOut);
    assert_eq!(catalog.stock(&market, "cn-beijing-h", ty), Stock::Available);
    market.set_price(market::PriceRule { zone: "cn-hangzhou*".into(), instance_type: "*".into(), factor: 2.0 });
    assert_eq!(catalog.hourly(&market, "cn-hangzhou", ty), 2.0 * price);
    assert_eq!(catalog.hourly(&market, "cn-beijing", ty), price);
}

#[test]
fn the_schema_is_checked_in() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog.schema.json");
    if std::env::var_os("WRITE_SCHEMA").is_some() {
        std::fs::write(path, catalog_schema()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    let hint = "catalog.schema.json is outdated; write it with `WRITE_SCHEMA=1 cargo test -p ecs-emulator catalog`";
    assert!(written == catalog_schema(), "{hint}");
}
