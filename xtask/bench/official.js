// Calls the server of `cargo xtask bench run` with the official Node SDK.
//
// Reads numbers of calls, one a line, and prints the processor time that they took, in nanoseconds.
//
// Usage: official.js URL small|large

const { default: Client, DescribeRegionsRequest, DescribeInstancesRequest } = require('@alicloud/ecs20140526');
const Config = config();

const [url, size] = process.argv.slice(2);
const client = new Client(
  new Config({
    accessKeyId: 'testid',
    accessKeySecret: 'testsecret',
    regionId: 'cn-hangzhou',
    protocol: 'http',
    endpoint: url.replace('http://', ''),
  }),
);

/** Returns the class of settings, which older versions of the SDK take from another package. */
function config() {
  try {
    return require('@alicloud/openapi-core').$OpenApiUtil.Config;
  } catch {
    return require('@alicloud/openapi-client').Config;
  }
}

async function call() {
  if (size === 'small') {
    const { body } = await client.describeRegions(new DescribeRegionsRequest({}));
    if (body.regions.region.length < 2) throw new Error('no regions');
  } else {
    const { body } = await client.describeInstances(new DescribeInstancesRequest({ regionId: 'cn-hangzhou' }));
    if (body.instances.instance.length !== 100) throw new Error('no instances');
  }
}

async function main() {
  for await (const line of require('readline').createInterface({ input: process.stdin })) {
    const start = process.cpuUsage();
    for (let i = 0; i < Number(line); i++) await call();
    const { user, system } = process.cpuUsage(start);
    console.log((user + system) * 1000);
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
