"""The current official Python SDK, with both of its signatures, through the life of two instances and all that they use."""

import base64
import json
import sys

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi import utils_models

from life import check, end, refused, step, wait

REGION = "cn-hangzhou"
USER_DATA = b"#!/bin/sh\necho \xc3\xbc\n"
TEAM = ("team", "网络 & <web>")


class Life:
    def __init__(self, endpoint, name, signature):
        config = utils_models.Config(
            access_key_id="testid", access_key_secret="testsecret", region_id=REGION, endpoint=endpoint, protocol="http"
        )
        if signature:
            config.signature_algorithm = signature
        self.client = Client(config)
        self.name = name

    def step(self, what, action):
        return step(f"{self.name}: {what}", action)

    def wait(self, what, reached):
        return wait(f"{self.name}: {what}", reached)

    def refused(self, what, code, action):
        return refused(f"{self.name}: {what}", code, action)

    # Reads.

    def instances(self, **filters):
        request = models.DescribeInstancesRequest(region_id=REGION, **filters)
        return self.client.describe_instances(request).body.instances.instance

    def pair(self):
        return self.instances(instance_ids=json.dumps(self.ids))

    def all_are(self, status):
        found = self.pair()
        return len(found) == len(self.ids) and all(instance.status == status for instance in found)

    def disk_is(self, status):
        request = models.DescribeDisksRequest(region_id=REGION, disk_ids=json.dumps([self.disk]))
        return [disk.status for disk in self.client.describe_disks(request).body.disks.disk] == [status]

    # The parts of the life, in order.

    def look_around(self):
        client = self.client
        self.step(
            "DescribeRegions",
            lambda: check(
                REGION in [r.region_id for r in client.describe_regions(models.DescribeRegionsRequest()).body.regions.region],
                "the region is missing",
            ),
        )
        self.step(
            "DescribeZones",
            lambda: client.describe_zones(models.DescribeZonesRequest(region_id=REGION)).body.zones.zone[0].zone_id,
        )
        images = models.DescribeImagesRequest(region_id=REGION, image_owner_alias="system")
        self.image = self.step("DescribeImages", lambda: client.describe_images(images).body.images.image[0].image_id)
        vpcs = models.DescribeVpcsRequest(region_id=REGION)
        self.vpc = self.step("DescribeVpcs", lambda: client.describe_vpcs(vpcs).body.vpcs.vpc[0].vpc_id)

    def prepare(self):
        client = self.client
        create = models.CreateSecurityGroupRequest(
            region_id=REGION, vpc_id=self.vpc, security_group_name=f"web-{self.name}"
        )
        self.group = self.step(
            "CreateSecurityGroup", lambda: client.create_security_group(create).body.security_group_id
        )
        own = {"region_id": REGION, "security_group_id": self.group}
        rule = models.AuthorizeSecurityGroupRequest(
            **own, ip_protocol="tcp", port_range="22/22", source_cidr_ip="10.0.0.0/8"
        )
        self.step("AuthorizeSecurityGroup", lambda: client.authorize_security_group(rule))

        def has_rule():
            request = models.DescribeSecurityGroupAttributeRequest(**own)
            rules = client.describe_security_group_attribute(request).body.permissions.permission
            check(("22/22", "10.0.0.0/8") in [(r.port_range, r.source_cidr_ip) for r in rules], rules)

        self.step("DescribeSecurityGroupAttribute", has_rule)
        self.key = f"key-{self.name}"
        pair = models.CreateKeyPairRequest(region_id=REGION, key_pair_name=self.key)
        self.step(
            "CreateKeyPair",
            lambda: check("PRIVATE KEY" in client.create_key_pair(pair).body.private_key_body, "no private key"),
        )

    def create(self):
        request = models.RunInstancesRequest(
            region_id=REGION,
            image_id=self.image,
            instance_type="ecs.g6.large",
            amount=2,
            security_group_id=self.group,
            key_pair_name=self.key,
            client_token=f"token-{self.name}",
            tag=[models.RunInstancesRequestTag(key=TEAM[0], value=TEAM[1])],
            user_data=base64.b64encode(USER_DATA).decode(),
            data_disk=[models.RunInstancesRequestDataDisk(size=20, category="cloud_essd")],
        )

        def run():
            return self.client.run_instances(request).body.instance_id_sets.instance_id_set

        self.ids = self.step("RunInstances", run) or ["i-none"]
        self.step(
            "RunInstances with the same token", lambda: check(sorted(run()) == sorted(self.ids), "other instances")
        )
        self.wait("both are running", lambda: self.all_are("Running"))

    def inspect(self):
        client, first = self.client, self.ids[0]
        tag = models.DescribeInstancesRequestTag(key=TEAM[0], value=TEAM[1])
        self.step(
            "DescribeInstances by tag",
            lambda: check({i.instance_id for i in self.instances(tag=[tag])} >= set(self.ids), "not found"),
        )
        attribute = models.DescribeInstanceAttributeRequest(instance_id=first)
        self.step(
            "DescribeInstanceAttribute",
            lambda: check(client.describe_instance_attribute(attribute).body.instance_id == first, "another instance"),
        )
        rename = models.ModifyInstanceAttributeRequest(instance_id=first, instance_name="renamed")
        self.step("ModifyInstanceAttribute", lambda: client.modify_instance_attribute(rename))
        self.step(
            "the new name is seen",
            lambda: check([i.instance_name for i in self.pair() if i.instance_id == first] == ["renamed"], "old name"),
        )
        data = models.DescribeUserDataRequest(region_id=REGION, instance_id=first)
        self.step(
            "DescribeUserData",
            lambda: check(base64.b64decode(client.describe_user_data(data).body.user_data) == USER_DATA, "other data"),
        )

    def tag(self):
        client, resources = self.client, {"region_id": REGION, "resource_type": "instance", "resource_id": self.ids}

        def listed():
            found = client.list_tag_resources(models.ListTagResourcesRequest(**resources)).body.tag_resources.tag_resource
            return {(tag.tag_key, tag.tag_value) for tag in found}

        tag = models.TagResourcesRequestTag(key="a", value="b")
        self.step("TagResources", lambda: client.tag_resources(models.TagResourcesRequest(**resources, tag=[tag])))
        self.step("ListTagResources", lambda: check({("a", "b"), TEAM} <= listed(), "a tag is missing"))
        untag = models.UntagResourcesRequest(**resources, tag_key=["a"])
        self.step("UntagResources", lambda: client.untag_resources(untag))
        self.step("the other tags stay", lambda: check(listed() == {TEAM}, listed()))

    def use_disks(self):
        client, first = self.client, self.ids[0]
        home = (self.pair() or [None])[0]
        create = models.CreateDiskRequest(region_id=REGION, zone_id=home and home.zone_id, size=40, disk_category="cloud_essd")
        self.disk = self.step("CreateDisk", lambda: client.create_disk(create).body.disk_id)
        self.wait("the disk is available", lambda: self.disk_is("Available"))
        attach = models.AttachDiskRequest(instance_id=first, disk_id=self.disk)
        self.step("AttachDisk", lambda: client.attach_disk(attach))
        self.wait("the disk is in use", lambda: self.disk_is("In_use"))
        delete = models.DeleteDiskRequest(disk_id=self.disk)
        self.refused("DeleteDisk of a disk in use", "IncorrectDiskStatus", lambda: client.delete_disk(delete))
        resize = models.ResizeDiskRequest(disk_id=self.disk, new_size=60, type="online")
        self.step("ResizeDisk", lambda: client.resize_disk(resize))
        snap = models.CreateSnapshotRequest(disk_id=self.disk, snapshot_name="snap")
        snapshot = self.step("CreateSnapshot", lambda: client.create_snapshot(snap).body.snapshot_id)

        def accomplished():
            request = models.DescribeSnapshotsRequest(region_id=REGION, snapshot_ids=json.dumps([snapshot]))
            return [s.status for s in client.describe_snapshots(request).body.snapshots.snapshot] == ["accomplished"]

        self.wait("the snapshot is accomplished", accomplished)
        detach = models.DetachDiskRequest(instance_id=first, disk_id=self.disk)
        self.step("DetachDisk", lambda: client.detach_disk(detach))
        self.wait("the disk is available again", lambda: self.disk_is("Available"))
        self.step("DeleteSnapshot", lambda: client.delete_snapshot(models.DeleteSnapshotRequest(snapshot_id=snapshot)))
        self.step("DeleteDisk", lambda: client.delete_disk(delete))

    def make_image(self):
        client, first = self.client, self.ids[0]
        self.step("RebootInstance", lambda: client.reboot_instance(models.RebootInstanceRequest(instance_id=first)))
        self.wait("both are running after the reboot", lambda: self.all_are("Running"))
        create = models.CreateImageRequest(region_id=REGION, instance_id=first, image_name=f"golden-{self.name}")
        image = self.step("CreateImage", lambda: client.create_image(create).body.image_id)

        def available():
            request = models.DescribeImagesRequest(region_id=REGION, image_id=image, image_owner_alias="self")
            return [i.status for i in client.describe_images(request).body.images.image] == ["Available"]

        self.wait("the image is available", available)
        delete = models.DeleteImageRequest(region_id=REGION, image_id=image, force=True)
        self.step("DeleteImage", lambda: client.delete_image(delete))

    def tear_down(self):
        client = self.client
        group = models.DeleteSecurityGroupRequest(region_id=REGION, security_group_id=self.group)
        self.refused("DeleteSecurityGroup in use", "DependencyViolation", lambda: client.delete_security_group(group))
        stop = models.StopInstancesRequest(region_id=REGION, instance_id=self.ids, force_stop=True)
        self.step("StopInstances", lambda: client.stop_instances(stop))
        self.wait("both are stopped", lambda: self.all_are("Stopped"))
        delete = models.DeleteInstancesRequest(region_id=REGION, instance_id=self.ids, force=True)
        self.step("DeleteInstances", lambda: client.delete_instances(delete))
        self.wait("both are gone", lambda: not self.pair())
        self.step("DeleteSecurityGroup", lambda: client.delete_security_group(group))
        keys = models.DeleteKeyPairsRequest(region_id=REGION, key_pair_names=json.dumps([self.key]))
        self.step("DeleteKeyPairs", lambda: client.delete_key_pairs(keys))
        gone = models.StopInstanceRequest(instance_id=self.ids[0])
        self.refused("StopInstance of an instance that is gone", "InvalidInstanceId.NotFound", lambda: client.stop_instance(gone))


def main():
    for name, signature in (("v3", None), ("v1", "v2")):
        life = Life(sys.argv[1], name, signature)
        life.look_around()
        life.prepare()
        life.create()
        life.inspect()
        life.tag()
        life.use_disks()
        life.make_image()
        life.tear_down()
    end()


main()
