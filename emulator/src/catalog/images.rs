//! Public images.

/// A public image.
#[derive(Debug)]
pub(crate) struct Image {
    /// ID.
    pub(crate) id: &'static str,
    /// Family.
    pub(crate) family: &'static str,
    /// Platform, such as `Ubuntu`.
    pub(crate) platform: &'static str,
    /// Name of the operating system in English.
    pub(crate) system: &'static str,
    /// The same in Chinese.
    pub(crate) system_zh: &'static str,
    /// `x86_64` or `arm64`.
    pub(crate) architecture: &'static str,
    /// Size of the system disk in GiB.
    pub(crate) size: u32,
    /// When it was made.
    pub(crate) created: &'static str,
    /// Whether cloud-init runs in it.
    pub(crate) cloud_init: bool,
}

impl Image {
    /// `windows` or `linux`.
    pub(crate) fn os_type(&self) -> &'static str {
        if self.platform.starts_with("Windows") { "windows" } else { "linux" }
    }

    /// How the image starts.
    pub(crate) fn boot_mode(&self) -> &'static str {
        if self.architecture == "arm64" { "UEFI" } else { "BIOS" }
    }
}

const fn linux(
    id: &'static str,
    family: &'static str,
    platform: &'static str,
    system: &'static str,
    system_zh: &'static str,
    created: &'static str,
) -> Image {
    Image { id, family, platform, system, system_zh, architecture: "x86_64", size: 20, created, cloud_init: true }
}

static IMAGES: &[Image] = &[
    linux(
        "aliyun_3_x64_20G_alibase_20250117.vhd",
        "acs:alibaba_cloud_linux_3_2104_lts_x64",
        "Aliyun",
        "Alibaba Cloud Linux  3.2104 LTS 64 bit",
        "Alibaba Cloud Linux  3.2104 LTS 64位",
        "2025-01-20T02:38:27Z",
    ),
    Image {
        architecture: "arm64",
        ..linux(
            "aliyun_3_arm64_20G_alibase_20250117.vhd",
            "acs:alibaba_cloud_linux_3_2104_lts_arm64",
            "Aliyun",
            "Alibaba Cloud Linux  3.2104 LTS 64 bit ARM Edition",
            "Alibaba Cloud Linux  3.2104 LTS 64位 ARM版",
            "2025-01-20T02:45:12Z",
        )
    },
    linux(
        "aliyun_2_1903_x64_20G_alibase_20241218.vhd",
        "acs:alibaba_cloud_linux_2_1903_lts_x64",
        "Aliyun",
        "Alibaba Cloud Linux  2.1903 LTS 64 bit",
        "Alibaba Cloud Linux  2.1903 LTS 64位",
        "2024-12-19T03:21:40Z",
    ),
    linux(
        "ubuntu_24_04_x64_20G_alibase_20250113.vhd",
        "acs:ubuntu_24_04_x64",
        "Ubuntu",
        "Ubuntu  24.04 64 bit",
        "Ubuntu  24.04 64位",
        "2025-01-14T06:07:05Z",
    ),
    linux(
        "ubuntu_22_04_x64_20G_alibase_20250113.vhd",
        "acs:ubuntu_22_04_x64",
        "Ubuntu",
        "Ubuntu  22.04 64 bit",
        "Ubuntu  22.04 64位",
        "2025-01-14T06:01:44Z",
    ),
    Image {
        architecture: "arm64",
        ..linux(
            "ubuntu_22_04_arm64_20G_alibase_20250113.vhd",
            "acs:ubuntu_22_04_arm64",
            "Ubuntu",
            "Ubuntu  22.04 64 bit ARM Edition",
            "Ubuntu  22.04 64位 ARM版",
            "2025-01-14T06:12:30Z",
        )
    },
    linux(
        "ubuntu_16_04_64_20G_alibase_20190620.vhd",
        "acs:ubuntu_16_04_x64",
        "Ubuntu",
        "Ubuntu  16.04 64 bit",
        "Ubuntu  16.04 64位",
        "2019-06-21T05:58:01Z",
    ),
    linux(
        "debian_12_8_x64_20G_alibase_20241216.vhd",
        "acs:debian_12_8_x64",
        "Debian",
        "Debian  12.8 64 bit",
        "Debian  12.8 64位",
        "2024-12-17T07:10:55Z",
    ),
    linux(
        "rockylinux_9_4_x64_20G_alibase_20241218.vhd",
        "acs:rocky_linux_9_4_x64",
        "Rocky Linux",
        "Rocky Linux  9.4 64 bit",
        "Rocky Linux  9.4 64位",
        "2024-12-19T08:44:09Z",
    ),
    linux(
        "centos_7_9_x64_20G_alibase_20240628.vhd",
        "acs:centos_7_9_x64",
        "CentOS",
        "CentOS  7.9 64 bit",
        "CentOS  7.9 64位",
        "2024-07-01T02:15:33Z",
    ),
    linux(
        "centos_7_06_64_20G_alibase_20190711.vhd",
        "acs:centos_7_6_x64",
        "CentOS",
        "CentOS  7.6 64 bit",
        "CentOS  7.6 64位",
        "2019-07-12T03:09:18Z",
    ),
    Image {
        size: 30,
        cloud_init: false,
        ..linux(
            "freebsd_11_02_64_30G_alibase_20190722.vhd",
            "acs:freebsd_11_2_x64",
            "Freebsd",
            "FreeBSD  11.2 64 bit",
            "FreeBSD  11.2 64位",
            "2019-07-23T05:41:06Z",
        )
    },
    Image {
        size: 40,
        ..linux(
            "win2022_21H2_x64_dtc_en-us_40G_alibase_20250115.vhd",
            "acs:windows_server_2022_dtc_en",
            "Windows Server 2022",
            "Windows Server  2022 Datacenter Edition 64bit English Edition",
            "Windows Server  2022 数据中心版 64位英文版",
            "2025-01-16T09:30:00Z",
        )
    },
    Image {
        size: 40,
        ..linux(
            "win2022_21H2_x64_dtc_zh-cn_40G_alibase_20250115.vhd",
            "acs:windows_server_2022_dtc_zh",
            "Windows Server 2022",
            "Windows Server  2022 Datacenter Edition 64bit Chinese Edition",
            "Windows Server  2022 数据中心版 64位中文版",
            "2025-01-16T09:35:00Z",
        )
    },
    Image {
        size: 40,
        ..linux(
            "win2019_1809_x64_dtc_en-us_40G_alibase_20250115.vhd",
            "acs:windows_server_2019_dtc_en",
            "Windows Server 2019",
            "Windows Server  2019 Data Center Edition 64bit English Edition",
            "Windows Server  2019 数据中心版 64位英文版",
            "2025-01-16T09:40:00Z",
        )
    },
];

/// All public images.
pub(crate) fn all() -> &'static [Image] {
    IMAGES
}

/// The image of that ID.
pub(crate) fn find(id: &str) -> Option<&'static Image> {
    IMAGES.iter().find(|image| image.id == id)
}

/// The newest image of a family.
pub(crate) fn newest_of(family: &str) -> Option<&'static Image> {
    IMAGES.iter().filter(|image| image.family == family).max_by_key(|image| image.created)
}
