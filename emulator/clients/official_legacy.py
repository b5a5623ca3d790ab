"""The legacy official Python SDK, with parameters in the query and in a form, through the life of an instance."""

import json
import sys

from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

from life import check, end, refused, step, wait

REGION = "cn-hangzhou"
CLIENT = AcsClient("testid", "testsecret", REGION)


def call(method, action, parameters):
    request = CommonRequest()
    request.set_domain(sys.argv[1])
    request.set_version("2014-05-26")
    request.set_action_name(action)
    request.set_method(method)
    request.set_protocol_type("http")
    request.set_accept_format("json")
    add = request.add_query_param if method == "GET" else request.add_body_params
    for name, value in parameters.items():
        add(name, value)
    return json.loads(CLIENT.do_action_with_exception(request))


def live(method):
    def run(action, **parameters):
        return call(method, action, {"RegionId": REGION, **parameters})

    image = step(f"{method} DescribeImages", lambda: run("DescribeImages")["Images"]["Image"][0]["ImageId"])
    step(f"{method} DescribeZones", lambda: run("DescribeZones")["Zones"]["Zone"][0]["ZoneId"])
    order = {"Tag.1.Key": "a", "Tag.1.Value": "b c&d", "InternetMaxBandwidthOut": "5"}
    create = {"ImageId": image, "InstanceType": "ecs.g6.large", **order}
    instance = step(f"{method} CreateInstance", lambda: run("CreateInstance", **create)["InstanceId"]) or "i-none"

    def status():
        found = run("DescribeInstances", InstanceIds=json.dumps([instance]))["Instances"]["Instance"]
        return [one["Status"] for one in found]

    wait(f"{method} stopped", lambda: status() == ["Stopped"])
    step(f"{method} StartInstance", lambda: run("StartInstance", InstanceId=instance))
    wait(f"{method} running", lambda: status() == ["Running"])
    step(f"{method} AllocatePublicIpAddress", lambda: run("AllocatePublicIpAddress", InstanceId=instance)["IpAddress"])
    resource = {"ResourceType": "instance", "ResourceId": instance}
    step(f"{method} AddTags", lambda: run("AddTags", **resource, **{"Tag.1.Key": "k", "Tag.1.Value": "v"}))

    def tagged():
        tags = run("DescribeTags", **resource)["Tags"]["Tag"]
        check({("a", "b c&d"), ("k", "v")} == {(tag["TagKey"], tag["TagValue"]) for tag in tags}, tags)

    step(f"{method} DescribeTags", tagged)
    step(f"{method} StopInstance", lambda: run("StopInstance", InstanceId=instance, ForceStop="true"))
    wait(f"{method} stopped again", lambda: status() == ["Stopped"])
    step(f"{method} DeleteInstance", lambda: run("DeleteInstance", InstanceId=instance))
    gone = "InvalidInstanceId.NotFound"
    refused(f"{method} StartInstance of an instance that is gone", gone, lambda: run("StartInstance", InstanceId=instance))


def main():
    for method in ("GET", "POST"):
        live(method)
    end()


main()
