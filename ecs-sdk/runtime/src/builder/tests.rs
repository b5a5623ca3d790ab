//! Precedence of settings, environment variables and the CLI profile; sharing between clients.

use std::sync::Arc;

use super::*;
use crate::{
    endpoint::{Endpoints, Service},
    environment::{FakeEnvironment, ProcessOutput},
    sts::{self, SERVICE},
    system::BoxFuture,
};

const PROFILES: &str = r#"{"current": "work", "profiles": [
    {"name": "work", "mode": "AK", "access_key_id": "i", "access_key_secret": "s", "region_id": "cn-profile"},
    {"name": "other", "mode": "AK", "access_key_id": "i", "access_key_secret": "s", "region_id": "cn-other"},
    {"name": "none", "mode": "AK", "access_key_id": "i", "access_key_secret": "s"}]}"#;

fn environment(vars: &[(&str, &str)], file: Option<&str>) -> FakeEnvironment {
    let mut environment = FakeEnvironment::default();
    environment.vars.insert("HOME".to_owned(), "/home/me".to_owned());
    environment.vars.extend(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    environment.files.extend(file.map(|text| ("/home/me/.aliyun/config.json".into(), text.to_owned())));
    environment
}

fn config(vars: &[(&str, &str)], file: Option<&str>) -> Config {
    Config::builder().environment(environment(vars, file)).build().unwrap()
}

#[test]
fn a_region_that_is_set_overrides_variables_and_these_override_the_profile() {
    let id = ("ALIBABA_CLOUD_REGION_ID", "cn-id");
    let region = ("ALIBABA_CLOUD_REGION", "cn-region");
    for (vars, file, expected) in [
        (vec![id, region], Some(PROFILES), Some("cn-id")),
        (vec![region], Some(PROFILES), Some("cn-region")),
        (vec![("ALIBABA_CLOUD_REGION_ID", ""), region], Some(PROFILES), Some("cn-region")),
        (vec![("ALIBABA_CLOUD_REGION_ID", " \n"), ("ALIBABA_CLOUD_REGION", " cn-region\n")], None, Some("cn-region")),
        (vec![], Some(PROFILES), Some("cn-profile")),
        (vec![("ALIBABA_CLOUD_PROFILE", "other")], Some(PROFILES), Some("cn-other")),
        (vec![("ALIBABA_CLOUD_PROFILE", "none")], Some(PROFILES), None),
        (vec![("ALIBABA_CLOUD_PROFILE", "unknown")], Some(PROFILES), None),
        (vec![], Some("broken"), None),
        (vec![], None, None),
    ] {
        let config = config(&vars, file);
        assert_eq!(config.region().as_deref(), expected, "{vars:?}");
        assert_eq!(config.with_region("cn-set").region().as_deref(), Some("cn-set"));
        assert_eq!(config.with_region("cn-set").with_region("").region().as_deref(), expected);
    }
    let environment = environment(&[id], Some(PROFILES));
    let set = Config::builder().environment(environment.clone()).region("cn-set").build().unwrap();
    assert_eq!(set.region().as_deref(), Some("cn-set"));
    let none = Config::builder().environment(environment).without_environment().build().unwrap();
    assert_eq!(none.region(), None);
}

#[test]
fn the_region_of_a_profile_is_read_once() {
    #[derive(Debug, Clone, Default)]
    struct Changing(Arc<std::sync::Mutex<FakeEnvironment>>);

    impl Environment for Changing {
        fn var(&self, name: &str) -> Option<String> {
            self.0.lock().unwrap().var(name)
        }

        fn read(&self, path: &std::path::Path) -> BoxFuture<'static, std::io::Result<String>> {
            self.0.lock().unwrap().read(path)
        }
    }

    let changing = Changing(Arc::new(std::sync::Mutex::new(environment(&[], None))));
    let config: Config = Config::builder().environment(changing.clone()).build().unwrap();
    assert_eq!(config.region(), None);
    for profiles in [PROFILES, &PROFILES.replace("cn-profile", "cn-changed")] {
        *changing.0.lock().unwrap() = environment(&[], Some(profiles));
        assert_eq!(config.region().as_deref(), Some("cn-profile"));
    }
}

#[test]
fn the_region_is_unknown_if_the_file_system_hangs() {
    let mut environment = environment(&[], None);
    environment.hanging.push("/home/me/.aliyun/config.json".into());
    let config: Config = Config::builder().environment(environment).build().unwrap();
    assert_eq!(config.region(), None);
}

#[test]
fn an_endpoint_that_is_set_overrides_the_variable_and_this_overrides_the_table() {
    let variable = ("ALIBABA_CLOUD_STS_ENDPOINT", "http://127.0.0.1:8080/");
    let region = ("ALIBABA_CLOUD_REGION_ID", "cn-beijing");
    for (vars, expected) in [
        (vec![variable, region], "http://127.0.0.1:8080/"),
        (vec![("ALIBABA_CLOUD_STS_ENDPOINT", "sts.example.com")], "https://sts.example.com/"),
        (vec![("ALIBABA_CLOUD_STS_ENDPOINT", ""), region], "https://sts.cn-beijing.aliyuncs.com/"),
        (vec![("ALIBABA_CLOUD_ECS_ENDPOINT", "x"), region], "https://sts.cn-beijing.aliyuncs.com/"),
        (vec![], "https://sts.aliyuncs.com/"),
    ] {
        assert_eq!(config(&vars, None).known_url(&SERVICE).unwrap(), expected, "{vars:?}");
    }
    let environment = environment(&[variable], None);
    let set = Config::builder().environment(environment).endpoint("set.example.com").build().unwrap();
    assert_eq!(set.known_url(&SERVICE).unwrap(), "https://set.example.com/");
}

#[test]
fn a_network_that_is_set_overrides_the_variable_and_this_overrides_the_profile() {
    const VPC: &str =
        r#"{"current": "work", "profiles": [{"name": "work", "region_id": "cn-x", "endpoint_type": "VPC"}]}"#;
    let variable = |value: &'static str| vec![("ALIBABA_CLOUD_ENDPOINT_TYPE", value)];
    for (vars, file, set, expected) in [
        (vec![], None, None, Network::Public),
        (vec![], Some(VPC), None, Network::Vpc),
        (variable("public"), Some(VPC), None, Network::Public),
        (variable("other"), Some(VPC), None, Network::Vpc),
        (variable(" vpc\n"), None, None, Network::Vpc),
        (variable("vpc"), Some(VPC), Some(Network::Public), Network::Public),
    ] {
        let mut builder = Config::builder().environment(environment(&vars, file));
        if let Some(network) = set {
            builder = builder.network(network);
        }
        let config: Config = builder.build().unwrap();
        let _ = config.region();
        assert_eq!(config.network(), expected, "{vars:?} {set:?}");
    }
}

#[test]
fn each_service_has_a_variable_for_its_endpoint() {
    static ECS: Service = Service {
        name: "ecs",
        version: "2014-05-26",
        endpoints: Endpoints {
            default: "ecs.aliyuncs.com",
            public: "",
            vpc: "",
            public_exceptions: &[],
            vpc_exceptions: &[],
            regions: &[],
            location: "",
        },
        error_classes: &[],
    };
    let services = [("ECS", &ECS), ("STS", &SERVICE)];
    for (name, service) in &services {
        let variable = format!("ALIBABA_CLOUD_{name}_ENDPOINT");
        let there = config(&[(&variable, "set.example.com")], None);
        for (other, service) in &services {
            let url = there.known_url(service).unwrap();
            assert_eq!(url == "https://set.example.com/", name == other, "{name}: {url}");
        }
        for bad in ["ftp://x", "x/path", "a b", "ecs..com", "x:99999"] {
            let error = config(&[(&variable, bad)], None).known_url(service).unwrap_err();
            let quoted = if bad.contains('@') { String::new() } else { format!(" `{bad}`") };
            assert_eq!(
                error.to_string(),
                format!(
                    "{variable}: invalid endpoint{quoted}: expected a host such as `ecs.cn-hangzhou.aliyuncs.com`, or \
                     http(s)://host:port"
                )
            );
        }
    }
}

#[test]
fn the_environment_is_read_when_it_is_needed() {
    #[derive(Debug)]
    struct Forbidden;

    impl Environment for Forbidden {
        fn var(&self, name: &str) -> Option<String> {
            panic!("{name} was read")
        }

        fn read(&self, path: &std::path::Path) -> BoxFuture<'static, std::io::Result<String>> {
            panic!("{} was read", path.display())
        }

        fn run(&self, program: &str, _: &[String]) -> BoxFuture<'static, std::io::Result<ProcessOutput>> {
            panic!("{program} was run")
        }
    }

    let client: sts::Client = Config::builder().environment(Forbidden).build().map(sts::Client::from).unwrap();
    let _ = (client.call("GetCallerIdentity"), format!("{client:?}"));
}

#[test]
fn the_credentials_provider_may_be_chosen_at_run_time() {
    for given in [true, false] {
        let mut builder = Config::builder().without_environment();
        if given {
            builder = builder.credentials(crate::Credentials::new("id", "secret"));
        }
        let shown = format!("{:?}", builder.clone().build().unwrap().credentials());
        assert_eq!(shown.starts_with("DefaultChain"), !given, "{shown}");
        let shared: Arc<dyn ProvideCredentials> = Arc::new(DefaultChain::new());
        let shown = format!("{:?}", builder.credentials(shared).build().unwrap().credentials());
        assert!(shown.starts_with("DefaultChain"), "{shown}");
    }
}

#[test]
fn clones_of_a_builder_are_independent() {
    let builder = Config::builder().without_environment().region("cn-hangzhou");
    let other = builder.clone().region("cn-beijing").build().unwrap();
    assert_eq!(builder.build().unwrap().region().as_deref(), Some("cn-hangzhou"));
    assert_eq!(other.region().as_deref(), Some("cn-beijing"));
}

#[test]
fn clients_of_one_configuration_share_its_state() {
    let config = config(&[], None);
    let other = config.with_region("cn-other");
    assert!(std::ptr::eq(config.retry_tokens(), other.retry_tokens()));
    assert!(std::ptr::eq(config.context().skew(), other.context().skew()));
    assert!(std::ptr::addr_eq(config.transport(), other.transport()));
}
