"""Calls the server of `cargo xtask bench run` with the official Python SDK.

Reads numbers of calls, one a line, and prints the processor time that they took, in nanoseconds.

Usage: official.py URL small|large
"""

import sys
import time

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi.models import Config

url, size = sys.argv[1:]
config = Config(
    access_key_id="testid",
    access_key_secret="testsecret",
    region_id="cn-hangzhou",
    protocol="http",
    endpoint=url.removeprefix("http://"),
)
client = Client(config)


def call():
    if size == "small":
        body = client.describe_regions(models.DescribeRegionsRequest()).body
        assert len(body.regions.region) > 1
    else:
        body = client.describe_instances(models.DescribeInstancesRequest(region_id="cn-hangzhou")).body
        assert len(body.instances.instance) == 100


for line in sys.stdin:
    start = time.process_time_ns()
    for _ in range(int(line)):
        call()
    print(time.process_time_ns() - start, flush=True)
