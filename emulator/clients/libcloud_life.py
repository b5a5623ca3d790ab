"""The ECS driver of apache-libcloud, which reads XML, through the life of a node.

It starts an instance at once after creating it, so the emulator must have no transitions.
"""

import sys

from libcloud.compute.providers import get_driver
from libcloud.compute.types import Provider

from life import check, end, step, wait

REGION = "cn-hangzhou"


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    create_driver = get_driver(Provider.ALIYUN_ECS)
    driver = create_driver("testid", "testsecret", region=REGION, host=host, port=int(port), secure=False)

    locations = step("list_locations", driver.list_locations) or []
    location = next(location for location in locations if location.id == REGION)
    step("ex_list_zones", driver.ex_list_zones)
    image = step("list_images", driver.list_images)[0]
    size = next(size for size in step("list_sizes", driver.list_sizes) if size.id == "ecs.g6.large")

    group = step("ex_create_security_group", lambda: driver.ex_create_security_group(description="first"))
    step("ex_list_security_groups", lambda: check(group in [g.id for g in driver.ex_list_security_groups()], "missing"))
    step("ex_list_security_group_attributes", lambda: driver.ex_list_security_group_attributes(group))
    step("ex_modify_security_group_by_id", lambda: driver.ex_modify_security_group_by_id(group_id=group, name="renamed"))

    node = step(
        "create_node",
        lambda: driver.create_node(
            name="node-1",
            size=size,
            image=image,
            ex_security_group_id=group,
            ex_internet_charge_type=driver.internet_charge_types.BY_TRAFFIC,
            ex_internet_max_bandwidth_out=1,
            ex_system_disk={"category": "cloud_efficiency"},
        ),
    )
    if node is None:
        end()

    def now():
        return driver.list_nodes(ex_node_ids=[node.id])[0]

    def node_is(state):
        return str(now().state) == state

    step("list_nodes", driver.list_nodes)
    wait("the node is running", lambda: node_is("running"))
    step("reboot_node", lambda: driver.reboot_node(node))
    wait("the node is running after the reboot", lambda: node_is("running"))
    step("create_public_ip", lambda: driver.create_public_ip(node.id))

    zone = now().extra["zone_id"]
    volume = step(
        "create_volume",
        lambda: driver.create_volume(20, "vol", location=location, ex_zone_id=zone, ex_disk_category="cloud_efficiency"),
    )
    if volume is None:
        end()

    def volume_is(state):
        return [str(found.state) for found in driver.list_volumes(ex_volume_ids=[volume.id])] == [state]

    wait("the volume is available", lambda: volume_is("available"))
    step("attach_volume", lambda: driver.attach_volume(node, volume))
    wait("the volume is in use", lambda: volume_is("inuse"))
    snapshot = step("create_volume_snapshot", lambda: driver.create_volume_snapshot(volume, "snap"))
    wait(
        "the snapshot is available",
        lambda: [str(found.state) for found in driver.list_volume_snapshots(volume)] == ["available"],
    )
    step("destroy_volume_snapshot", lambda: driver.destroy_volume_snapshot(snapshot))
    step("detach_volume", lambda: driver.detach_volume(volume))
    wait("the volume is available again", lambda: volume_is("available"))
    step("destroy_volume", lambda: driver.destroy_volume(volume))

    step("copy_image", lambda: driver.copy_image("cn-beijing", image, "copied"))
    step("ex_stop_node", lambda: driver.ex_stop_node(node))
    wait("the node is stopped", lambda: node_is("stopped"))
    step("ex_start_node", lambda: driver.ex_start_node(node))
    wait("the node is started", lambda: node_is("running"))
    second = step("a second group", lambda: driver.ex_create_security_group(description="second"))
    step("ex_join_security_group", lambda: driver.ex_join_security_group(node, group_id=second))
    step("destroy_node", lambda: driver.destroy_node(node))
    wait("the node is gone", lambda: not driver.list_nodes(ex_node_ids=[node.id]))
    step("ex_delete_security_group_by_id", lambda: driver.ex_delete_security_group_by_id(group))
    end()


main()
