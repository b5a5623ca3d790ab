//! Tags of resources.

mod common;

use common::{REGION, Test, fails};
use serde_json::{Value, json};

const INSTANCE: (&str, &str) = ("ResourceType", "instance");

fn tags(test: &Test, kind: &str, id: &str) -> Vec<(String, String)> {
    let response = test.call("ListTagResources", &[REGION, ("ResourceType", kind), ("ResourceId.1", id)]).unwrap();
    let text = |tag: &Value, name: &str| tag[name].as_str().unwrap().to_owned();
    let list = response["TagResources"]["TagResource"].as_array().unwrap().clone();
    list.iter()
        .map(|tag| {
            assert_eq!(tag["ResourceId"], id);
            (text(tag, "TagKey"), text(tag, "TagValue"))
        })
        .collect()
}

fn pairs(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn tags_of_all_types_of_resources_are_added_listed_and_removed() {
    let test = Test::new();
    let instance = test.run(&[("DataDisk.1.Size", "40")]).remove(0);
    let group = test.call("CreateSecurityGroup", &[REGION]).unwrap()["SecurityGroupId"].as_str().unwrap().to_owned();
    let disks = test.call("DescribeDisks", &[REGION, ("InstanceId", &instance)]).unwrap();
    let disk = disks["Disks"]["Disk"][0]["DiskId"].as_str().unwrap();
    for (kind, id) in [("instance", instance.as_str()), ("disk", disk), ("securitygroup", &group)] {
        let resource = [REGION, ("ResourceType", kind), ("ResourceId.1", id)];
        let add = |tags: &[(&'static str, &'static str)]| test.call("TagResources", &[&resource[..], tags].concat());
        add(&[("Tag.1.Key", "team"), ("Tag.1.Value", "web"), ("Tag.2.Key", "empty")]).unwrap();
        add(&[("Tag.1.Key", "team"), ("Tag.1.Value", "网络 & <db>")]).unwrap();
        assert_eq!(tags(&test, kind, id), pairs(&[("team", "网络 & <db>"), ("empty", "")]));
        test.call("UntagResources", &[&resource[..], &[("TagKey.1", "empty")]].concat()).unwrap();
        assert_eq!(tags(&test, kind, id), pairs(&[("team", "网络 & <db>")]));
        test.call("UntagResources", &[&resource[..], &[("All", "true")]].concat()).unwrap();
        assert_eq!(tags(&test, kind, id), []);
    }
}

#[test]
fn the_older_operations_see_the_same_tags() {
    let test = Test::new();
    let [one, two] = [test.run(&[]).remove(0), test.run(&[]).remove(0)];
    for (id, value) in [(&one, "web"), (&two, "db")] {
        let tag = [("Tag.1.Key", "role"), ("Tag.1.Value", value)];
        test.call("AddTags", &[&[REGION, INSTANCE, ("ResourceId", id)][..], &tag].concat()).unwrap();
    }
    assert_eq!(tags(&test, "instance", &one), pairs(&[("role", "web")]));
    let all = test.call("DescribeTags", &[REGION]).unwrap();
    assert_eq!((all["TotalCount"].clone(), all["PageSize"].clone()), (json!(2), json!(50)));
    let mine = test.call("DescribeTags", &[REGION, INSTANCE, ("ResourceId", &one)]).unwrap();
    assert_eq!(mine["Tags"]["Tag"][0]["TagKey"], "role");
    assert_eq!(mine["Tags"]["Tag"][0]["ResourceTypeCount"]["Instance"], 1);
    let found = test.call("DescribeResourceByTags", &[REGION, ("Tag.1.Key", "role"), ("Tag.1.Value", "db")]).unwrap();
    assert_eq!(
        found["Resources"]["Resource"],
        json!([{ "ResourceId": two, "ResourceType": "instance", "RegionId": "cn-hangzhou" }])
    );
    let remove = [REGION, INSTANCE, ("ResourceId", one.as_str()), ("Tag.1.Key", "role"), ("Tag.1.Value", "other")];
    test.call("RemoveTags", &remove).unwrap();
    assert_eq!(tags(&test, "instance", &one).len(), 1);
    test.call("RemoveTags", &remove[..4]).unwrap();
    assert_eq!(tags(&test, "instance", &one), []);
}

#[test]
fn wrong_tags_change_nothing() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    let call = |operation: &str, more: &[(&str, &str)]| {
        test.call(operation, &[&[REGION, INSTANCE, ("ResourceId.1", id.as_str())][..], more].concat())
    };
    fails(call("TagResources", &[("ResourceId.2", "i-none"), ("Tag.1.Key", "a")]), 404, "InvalidResourceId.NotFound");
    fails(call("TagResources", &[("Tag.1.Key", "acs:a")]), 400, "InvalidTagKey.Malformed");
    fails(call("TagResources", &[("Tag.1.Key", "a"), ("Tag.2.Key", "a")]), 400, "Duplicate.TagKey");
    fails(call("TagResources", &[("ResourceType", "server"), ("Tag.1.Key", "a")]), 404, "InvalidResourceType.NotFound");
    fails(call("UntagResources", &[]), 404, "MissingParameter.Tags");
    assert_eq!(tags(&test, "instance", &id), []);
    for batch in 0..2 {
        let names: Vec<(String, String)> =
            (1..=10).map(|number| (format!("Tag.{number}.Key"), format!("{batch}-{number}"))).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        call("TagResources", &many).unwrap();
    }
    fails(call("TagResources", &[("Tag.1.Key", "one-more")]), 403, "QuotaExceed.Tags");
    assert_eq!(tags(&test, "instance", &id).len(), 20);
}
