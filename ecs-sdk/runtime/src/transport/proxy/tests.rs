//! Which proxy is used for which URL, and from which source it comes.

use super::*;
use crate::environment::{FakeEnvironment, NoEnvironment};
use crate::transport::HttpOptions;

const HTTP: &str = "http://ecs.example.com/";
const HTTPS: &str = "https://ecs.example.com/";

fn proxies(options: &HttpOptions, vars: &[(&str, &str)]) -> Proxies {
    let mut environment = FakeEnvironment::default();
    environment.vars.extend(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Proxies::new(&options.proxies, Arc::new(environment)).unwrap()
}

fn proxy(proxies: &Proxies, url: &str) -> Option<String> {
    proxies.proxy(&url.parse().unwrap()).unwrap().map(|proxy| proxy.as_str().trim_end_matches('/').to_owned())
}

#[test]
fn given_proxies_override_the_environment() {
    let options = HttpOptions::new;
    let env = [("HTTP_PROXY", "http://h:1"), ("HTTPS_PROXY", "http://s:1"), ("ALL_PROXY", "http://a:1")];
    for (options, vars, http, https) in [
        (options(), &[][..], None, None),
        (options(), &env[..], Some("http://h:1"), Some("http://s:1")),
        (options(), &env[1..], Some("http://a:1"), Some("http://s:1")),
        (options(), &env[2..], Some("http://a:1"), Some("http://a:1")),
        (options(), &[("http_proxy", "l:2"), env[0]], Some("http://l:2"), None),
        (options(), &[("https_proxy", "l:2"), env[1]], None, Some("http://l:2")),
        (options(), &[("all_proxy", "l:2"), env[2]], Some("http://l:2"), Some("http://l:2")),
        (options(), &[("http_proxy", ""), env[0]], Some("http://h:1"), None),
        (options(), &[("http_proxy", " \n"), env[0]], Some("http://h:1"), None),
        (options(), &[("http_proxy", " HTTP://L:2\r\n")], Some("http://l:2"), None),
        (options(), &[("REQUEST_METHOD", "GET"), env[0], env[1]], None, Some("http://s:1")),
        (options(), &[("REQUEST_METHOD", "GET"), ("http_proxy", "l:2")], Some("http://l:2"), None),
        (options().proxy("http://o:3"), &env[..], Some("http://o:3"), Some("http://o:3")),
        (options().http_proxy("http://o:3"), &env[..], Some("http://o:3"), Some("http://s:1")),
        (options().https_proxy("http://o:3"), &[], None, Some("http://o:3")),
        (options().proxy("o:3").https_proxy("o:4"), &[], Some("http://o:3"), Some("http://o:4")),
        (options().without_proxy(), &env[..], None, None),
        (options().proxy("o:3").without_proxy(), &env[..], None, None),
        (options().without_proxy().http_proxy("o:3"), &env[..], Some("http://o:3"), None),
    ] {
        let proxies = proxies(&options, vars);
        assert_eq!(proxy(&proxies, HTTP).as_deref(), http, "{options:?} {vars:?}");
        assert_eq!(proxy(&proxies, HTTPS).as_deref(), https, "{options:?} {vars:?}");
    }
}

#[test]
fn this_machine_and_the_metadata_service_are_reached_without_a_proxy() {
    let proxies = proxies(&HttpOptions::new().proxy("http://p:1"), &[]);
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "100.100.100.200"] {
        assert_eq!(proxy(&proxies, &format!("http://{host}:80/")), None, "{host}");
    }
    for host in ["ecs.aliyuncs.com", "localhost.example.com", "100.100.100.201", "10.0.0.1", "[2001:db8::1]"] {
        assert!(proxy(&proxies, &format!("http://{host}/")).is_some(), "{host}");
    }
}

#[test]
fn hosts_are_excluded_by_domain_address_and_network() {
    for (list, direct, proxied) in [
        (
            "example.com",
            &["example.com", "ecs.example.com", "ECS.EXAMPLE.COM"][..],
            &["notexample.com", "example.com.cn"][..],
        ),
        (".example.com", &["example.com", "ecs.example.com"], &["example.org"]),
        ("*.example.com", &["a.b.example.com"], &["example.org"]),
        ("Example.COM.", &["ecs.example.com"], &[]),
        ("10.0.0.0/8", &["10.0.0.1", "10.255.255.255"], &["11.0.0.0", "ecs.10.0.0.1.example.com"]),
        ("10.1.2.3", &["10.1.2.3"], &["10.1.2.4"]),
        ("0.0.0.0/0", &["8.8.8.8"], &["[2001:db8::1]", "example.com"]),
        ("2001:db8::/32", &["[2001:db8:1::1]"], &["[2001:db9::1]", "10.0.0.1"]),
        ("[2001:db8::1]", &["[2001:db8::1]"], &["[2001:db8::2]"]),
        ("*", &["example.com", "10.0.0.1", "[2001:db8::1]"], &[]),
        ("a.example, 10.0.0.1 b.example,,", &["a.example", "10.0.0.1", "b.example"], &["c.example"]),
        ("", &[], &["example.com"]),
        (
            "a.example:443, 10.0.0.1:8080,[2001:db8::1]:80 *.b.example:8443",
            &["a.example", "x.a.example:443", "10.0.0.1:8080", "[2001:db8::1]:80", "x.b.example:8443"],
            &["a.example:8443", "10.0.0.1", "[2001:db8::1]", "x.b.example", "c.example"],
        ),
        ("*:80", &["a.example:80"], &["a.example"]),
        ("a.example\r\n", &["a.example"], &[]),
        // Invalid entries exclude nothing.
        ("a.example:99999, a.example:, a.example:+443", &[], &["a.example"]),
        ("10.0.0.0/33, x/8, a:b, http://c.example", &[], &["10.0.0.0", "a", "c.example"]),
    ] {
        let proxies = proxies(&HttpOptions::new().proxy("http://p:1"), &[("NO_PROXY", list)]);
        for (hosts, expected) in [(direct, None), (proxied, Some("http://p:1"))] {
            for host in hosts {
                assert_eq!(proxy(&proxies, &format!("https://{host}/")).as_deref(), expected, "{list}: {host}");
            }
        }
    }
    let vars = [("no_proxy", "a.example"), ("NO_PROXY", "b.example"), ("ALL_PROXY", "p:1")];
    let of_environment = proxies(&HttpOptions::new(), &vars);
    assert_eq!(proxy(&of_environment, "https://a.example/"), None);
    assert!(proxy(&of_environment, "https://b.example/").is_some());
    let given = proxies(&HttpOptions::new().no_proxy(["c.example"]), &vars);
    assert!(proxy(&given, "https://a.example/").is_some());
    assert_eq!(proxy(&given, "https://c.example/"), None);
}

#[test]
fn errors_name_the_source_of_an_invalid_proxy_without_its_value() {
    for address in [
        "http://user:hunter2@",
        "http://user:hunter2@host:99999",
        "ftp://user:hunter2@host",
        "hunter2 x",
        // Without percent-encoding, these are host `user`, port 12, and a path, query or fragment.
        "http://user:12/hunter2@host:80",
        "http://user:12#hunter2@host:80",
        "user:12?hunter2@host",
    ] {
        let given = HttpOptions::new().https_proxy(address);
        assert!(!format!("{given:?}").contains("hunter2"), "{given:?}");
        let error = Proxies::new(&given.proxies, Arc::new(NoEnvironment)).unwrap_err();
        assert!(error.starts_with("invalid proxy URL in HttpOptions::https_proxy ("), "{error}");
        assert!(error.contains("expected http://host:port") && !error.contains("hunter2"), "{error}");

        let of_environment = proxies(&HttpOptions::new(), &[("HTTPS_PROXY", address)]);
        let error = of_environment.proxy(&HTTPS.parse().unwrap()).unwrap_err();
        assert!(error.starts_with("invalid proxy URL in HTTPS_PROXY (") && !error.contains("hunter2"), "{error}");
        // Requests that use no proxy do not need it.
        assert_eq!(proxy(&of_environment, "http://127.0.0.1/"), None);
    }
    let given = HttpOptions::new().no_proxy(["http://user:hunter2@host"]);
    let error = Proxies::new(&given.proxies, Arc::new(NoEnvironment)).unwrap_err();
    assert!(error.starts_with("invalid host in HttpOptions::no_proxy: expected "), "{error}");
    for host in ["10.0.0.0/33", "a b", "http://c.example", ""] {
        let error = Proxies::new(&HttpOptions::new().no_proxy([host]).proxies, Arc::new(NoEnvironment)).unwrap_err();
        assert!(error.starts_with(&format!("invalid host `{host}` in HttpOptions::no_proxy: expected ")), "{error}");
    }
}

#[test]
fn socks_proxies_need_their_feature() {
    let given = HttpOptions::new().proxy("socks5h://user:hunter2@proxy.example.com");
    let proxies = Proxies::new(&given.proxies, Arc::new(NoEnvironment));
    if cfg!(feature = "socks") {
        let proxies = proxies.unwrap();
        let proxy = proxies.proxy(&HTTPS.parse().unwrap()).unwrap().unwrap();
        assert_eq!(shown(proxy), "socks5h://proxy.example.com");
    } else {
        let message = "HttpOptions::proxy is a SOCKS proxy, which needs the `socks` feature";
        assert_eq!(proxies.unwrap_err(), message);
    }
}
