// Calls the server of `cargo xtask bench run` with the official Node SDK; prints processor time per call in nanoseconds.
//
// Usage: official.js URL small|large CALLS

const { default: Client, DescribeRegionsRequest, DescribeInstancesRequest } = require('@alicloud/ecs20140526');
const Config = config();

const [url, size, calls] = process.argv.slice(2);
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
  for (let i = 0; i < 5; i++) await call();
  const start = process.cpuUsage();
  for (let i = 0; i < Number(calls); i++) await call();
  const { user, system } = process.cpuUsage(start);
  console.log(Math.round(((user + system) * 1000) / Number(calls)));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
