//! The structs of a hand-written client: those of the SDK for two operations, with derived implementations of serde.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DescribeInstancesResponse {
    #[serde(rename = "RequestId")]
    pub request_id: String,
    #[serde(rename = "Instances")]
    pub instances: ListInstance,
    #[serde(rename = "NextToken")]
    pub next_token: String,
    #[serde(rename = "PageNumber")]
    pub page_number: Option<i64>,
    #[serde(rename = "PageSize")]
    pub page_size: Option<i64>,
    #[serde(rename = "TotalCount")]
    pub total_count: Option<i64>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DescribeRegionsResponse {
    #[serde(rename = "RequestId")]
    pub request_id: String,
    #[serde(rename = "Regions")]
    pub regions: ListRegion,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Instance {
    #[serde(rename = "AdditionalInfo")]
    pub additional_info: AdditionalInfo,
    #[serde(rename = "AutoReleaseTime")]
    pub auto_release_time: Option<String>,
    #[serde(rename = "ClockOptions")]
    pub clock_options: ClockOptions,
    #[serde(rename = "ClusterId")]
    pub cluster_id: String,
    #[serde(rename = "Cpu")]
    pub cpu: Option<i64>,
    #[serde(rename = "CpuOptions")]
    pub cpu_options: CpuOptions,
    #[serde(rename = "CreationTime")]
    pub creation_time: Option<String>,
    #[serde(rename = "CreditSpecification")]
    pub credit_specification: Option<String>,
    #[serde(rename = "DedicatedHostAttribute")]
    pub dedicated_host_attribute: DedicatedHostAttribute,
    #[serde(rename = "DedicatedInstanceAttribute")]
    pub dedicated_instance_attribute: DedicatedInstanceAttribute,
    #[serde(rename = "DeletionProtection")]
    pub deletion_protection: Option<bool>,
    #[serde(rename = "DeploymentSetGroupNo")]
    pub deployment_set_group_no: Option<i64>,
    #[serde(rename = "DeploymentSetId")]
    pub deployment_set_id: String,
    #[serde(rename = "Description")]
    pub description: String,
    #[serde(rename = "DeviceAvailable")]
    pub device_available: Option<bool>,
    #[serde(rename = "EcsCapacityReservationAttr")]
    pub ecs_capacity_reservation_attr: EcsCapacityReservationAttr,
    #[serde(rename = "EipAddress")]
    pub eip_address: EipAddress,
    #[serde(rename = "EnableNVS")]
    pub enable_nvs: Option<bool>,
    #[serde(rename = "ExpiredTime")]
    pub expired_time: Option<String>,
    #[serde(rename = "GPUAmount")]
    pub gpu_amount: Option<i64>,
    #[serde(rename = "GPUSpec")]
    pub gpu_spec: String,
    #[serde(rename = "HibernationOptions")]
    pub hibernation_options: InstanceHibernationOptions,
    #[serde(rename = "HostName")]
    pub host_name: String,
    #[serde(rename = "HpcClusterId")]
    pub hpc_cluster_id: String,
    #[serde(rename = "ISP")]
    pub isp: String,
    #[serde(rename = "ImageId")]
    pub image_id: String,
    #[serde(rename = "ImageOptions")]
    pub image_options: ImageOptions,
    #[serde(rename = "InnerIpAddress")]
    pub inner_ip_address: ListIpAddress,
    #[serde(rename = "InstanceChargeType")]
    pub instance_charge_type: Option<String>,
    #[serde(rename = "InstanceId")]
    pub instance_id: String,
    #[serde(rename = "InstanceName")]
    pub instance_name: String,
    #[serde(rename = "InstanceNetworkType")]
    pub instance_network_type: Option<String>,
    #[serde(rename = "InstanceType")]
    pub instance_type: String,
    #[serde(rename = "InstanceTypeFamily")]
    pub instance_type_family: String,
    #[serde(rename = "InternetChargeType")]
    pub internet_charge_type: Option<String>,
    #[serde(rename = "InternetMaxBandwidthIn")]
    pub internet_max_bandwidth_in: Option<i64>,
    #[serde(rename = "InternetMaxBandwidthOut")]
    pub internet_max_bandwidth_out: Option<i64>,
    #[serde(rename = "IoOptimized")]
    pub io_optimized: Option<bool>,
    #[serde(rename = "KeyPairName")]
    pub key_pair_name: String,
    #[serde(rename = "LocalStorageAmount")]
    pub local_storage_amount: Option<i64>,
    #[serde(rename = "LocalStorageCapacity")]
    pub local_storage_capacity: Option<i64>,
    #[serde(rename = "Memory")]
    pub memory: Option<i64>,
    #[serde(rename = "MetadataOptions")]
    pub metadata_options: MetadataOptions,
    #[serde(rename = "NetworkInterfaces")]
    pub network_interfaces: ListNetworkInterface,
    #[serde(rename = "OSName")]
    pub os_name: String,
    #[serde(rename = "OSNameEn")]
    pub os_name_en: String,
    #[serde(rename = "OSType")]
    pub os_type: Option<String>,
    #[serde(rename = "OperationLocks")]
    pub operation_locks: ListLockReason,
    #[serde(rename = "PrivateDnsNameOptions")]
    pub private_dns_name_options: PrivateDnsNameOptions,
    #[serde(rename = "PublicIpAddress")]
    pub public_ip_address: ListIpAddress,
    #[serde(rename = "RdmaIpAddress")]
    pub rdma_ip_address: ListIpAddress,
    #[serde(rename = "Recyclable")]
    pub recyclable: Option<bool>,
    #[serde(rename = "RegionId")]
    pub region_id: String,
    #[serde(rename = "ResourceGroupId")]
    pub resource_group_id: String,
    #[serde(rename = "SaleCycle")]
    pub sale_cycle: String,
    #[serde(rename = "SecurityGroupIds")]
    pub security_group_ids: ListSecurityGroupId,
    #[serde(rename = "SecurityOptions")]
    pub security_options: InstanceSecurityOptions,
    #[serde(rename = "SerialNumber")]
    pub serial_number: String,
    #[serde(rename = "SpotDuration")]
    pub spot_duration: Option<i64>,
    #[serde(rename = "SpotInterruptionBehavior")]
    pub spot_interruption_behavior: Option<String>,
    #[serde(rename = "SpotPriceLimit")]
    pub spot_price_limit: Option<f64>,
    #[serde(rename = "SpotStrategy")]
    pub spot_strategy: Option<String>,
    #[serde(rename = "StartTime")]
    pub start_time: Option<String>,
    #[serde(rename = "Status")]
    pub status: Option<String>,
    #[serde(rename = "StoppedMode")]
    pub stopped_mode: Option<String>,
    #[serde(rename = "Tags")]
    pub tags: ListTag,
    #[serde(rename = "VlanId")]
    pub vlan_id: String,
    #[serde(rename = "VpcAttributes")]
    pub vpc_attributes: VpcAttributes,
    #[serde(rename = "ZoneId")]
    pub zone_id: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Region {
    #[serde(rename = "LocalName")]
    pub local_name: String,
    #[serde(rename = "RegionEndpoint")]
    pub region_endpoint: String,
    #[serde(rename = "RegionId")]
    pub region_id: String,
    #[serde(rename = "Status")]
    pub status: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AdditionalInfo {
    #[serde(rename = "EnableHighDensityMode")]
    pub enable_high_density_mode: Option<bool>,
    #[serde(rename = "ManagedHostId")]
    pub managed_host_id: String,
    #[serde(rename = "NodeSerialNumber")]
    pub node_serial_number: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClockOptions {
    #[serde(rename = "PtpStatus")]
    pub ptp_status: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CpuOptions {
    #[serde(rename = "CoreCount")]
    pub core_count: Option<i64>,
    #[serde(rename = "EnableVISST")]
    pub enable_visst: Option<bool>,
    #[serde(rename = "EnableVRDT")]
    pub enable_vrdt: Option<bool>,
    #[serde(rename = "NestedVirtualization")]
    pub nested_virtualization: String,
    #[serde(rename = "Numa")]
    pub numa: String,
    #[serde(rename = "ThreadsPerCore")]
    pub threads_per_core: Option<i64>,
    #[serde(rename = "TopologyType")]
    pub topology_type: Option<String>,
    #[serde(rename = "TurboMode")]
    pub turbo_mode: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DedicatedHostAttribute {
    #[serde(rename = "DedicatedHostClusterId")]
    pub dedicated_host_cluster_id: String,
    #[serde(rename = "DedicatedHostId")]
    pub dedicated_host_id: String,
    #[serde(rename = "DedicatedHostName")]
    pub dedicated_host_name: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DedicatedInstanceAttribute {
    #[serde(rename = "Affinity")]
    pub affinity: Option<String>,
    #[serde(rename = "Tenancy")]
    pub tenancy: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EcsCapacityReservationAttr {
    #[serde(rename = "CapacityReservationId")]
    pub capacity_reservation_id: String,
    #[serde(rename = "CapacityReservationPreference")]
    pub capacity_reservation_preference: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EipAddress {
    #[serde(rename = "AllocationId")]
    pub allocation_id: String,
    #[serde(rename = "Bandwidth")]
    pub bandwidth: Option<i64>,
    #[serde(rename = "InternetChargeType")]
    pub internet_charge_type: Option<String>,
    #[serde(rename = "IpAddress")]
    pub ip_address: String,
    #[serde(rename = "IsSupportUnassociate")]
    pub is_support_unassociate: Option<bool>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InstanceHibernationOptions {
    #[serde(rename = "Configured")]
    pub configured: Option<bool>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageOptions {
    #[serde(rename = "CurrentOSNVMeSupported")]
    pub current_osnv_me_supported: Option<bool>,
    #[serde(rename = "LoginAsNonRoot")]
    pub login_as_non_root: Option<bool>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MetadataOptions {
    #[serde(rename = "HttpEndpoint")]
    pub http_endpoint: Option<String>,
    #[serde(rename = "HttpPutResponseHopLimit")]
    pub http_put_response_hop_limit: Option<i64>,
    #[serde(rename = "HttpTokens")]
    pub http_tokens: Option<String>,
    #[serde(rename = "InstanceMetadataTags")]
    pub instance_metadata_tags: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkInterface {
    #[serde(rename = "Ipv4PrefixSets")]
    pub ipv4_prefix_sets: ListIpv4PrefixSet,
    #[serde(rename = "Ipv6PrefixSets")]
    pub ipv6_prefix_sets: ListIpv6PrefixSet,
    #[serde(rename = "Ipv6Sets")]
    pub ipv6_sets: ListIpv6Set,
    #[serde(rename = "MacAddress")]
    pub mac_address: String,
    #[serde(rename = "NetworkInterfaceId")]
    pub network_interface_id: String,
    #[serde(rename = "PrimaryIpAddress")]
    pub primary_ip_address: String,
    #[serde(rename = "PrivateIpSets")]
    pub private_ip_sets: ListPrivateIpSet,
    #[serde(rename = "Type")]
    pub r#type: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InstanceLock {
    #[serde(rename = "LockMsg")]
    pub lock_msg: String,
    #[serde(rename = "LockReason")]
    pub lock_reason: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PrivateDnsNameOptions {
    #[serde(rename = "EnableInstanceIdDnsAAAARecord")]
    pub enable_instance_id_dns_aaaa_record: Option<bool>,
    #[serde(rename = "EnableInstanceIdDnsARecord")]
    pub enable_instance_id_dns_a_record: Option<bool>,
    #[serde(rename = "EnableIpDnsARecord")]
    pub enable_ip_dns_a_record: Option<bool>,
    #[serde(rename = "EnableIpDnsPtrRecord")]
    pub enable_ip_dns_ptr_record: Option<bool>,
    #[serde(rename = "HostnameType")]
    pub hostname_type: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InstanceSecurityOptions {
    #[serde(rename = "EnableSecureBoot")]
    pub enable_secure_boot: Option<bool>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceTag {
    #[serde(rename = "TagKey")]
    pub tag_key: String,
    #[serde(rename = "TagValue")]
    pub tag_value: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcAttributes {
    #[serde(rename = "NatIpAddress")]
    pub nat_ip_address: String,
    #[serde(rename = "PrivateIpAddress")]
    pub private_ip_address: ListIpAddress,
    #[serde(rename = "VSwitchId")]
    pub vswitch_id: String,
    #[serde(rename = "VpcId")]
    pub vpc_id: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ipv4PrefixSet {
    #[serde(rename = "Ipv4Prefix")]
    pub ipv4_prefix: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ipv6PrefixSet {
    #[serde(rename = "Ipv6Prefix")]
    pub ipv6_prefix: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ipv6Set {
    #[serde(rename = "Ipv6Address")]
    pub ipv6_address: String,
    #[serde(rename = "Primary")]
    pub primary: Option<bool>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PrivateIpSet {
    #[serde(rename = "Primary")]
    pub primary: Option<bool>,
    #[serde(rename = "PrivateDnsName")]
    pub private_dns_name: String,
    #[serde(rename = "PrivateIpAddress")]
    pub private_ip_address: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListInstance {
    #[serde(rename = "Instance")]
    pub items: Vec<Instance>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListRegion {
    #[serde(rename = "Region")]
    pub items: Vec<Region>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListIpAddress {
    #[serde(rename = "IpAddress")]
    pub items: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListNetworkInterface {
    #[serde(rename = "NetworkInterface")]
    pub items: Vec<NetworkInterface>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListLockReason {
    #[serde(rename = "LockReason")]
    pub items: Vec<InstanceLock>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListSecurityGroupId {
    #[serde(rename = "SecurityGroupId")]
    pub items: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListTag {
    #[serde(rename = "Tag")]
    pub items: Vec<ResourceTag>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListIpv4PrefixSet {
    #[serde(rename = "Ipv4PrefixSet")]
    pub items: Vec<Ipv4PrefixSet>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListIpv6PrefixSet {
    #[serde(rename = "Ipv6PrefixSet")]
    pub items: Vec<Ipv6PrefixSet>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListIpv6Set {
    #[serde(rename = "Ipv6Set")]
    pub items: Vec<Ipv6Set>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListPrivateIpSet {
    #[serde(rename = "PrivateIpSet")]
    pub items: Vec<PrivateIpSet>,
}
