//! The sources that are tried when nothing else was asked for.

use std::sync::Arc;

use super::{Credentials, EnvironmentProvider, ProfileProvider, ProvideCredentials};
use crate::{
    environment::Environment,
    error::{Error, ErrorKind, Result},
    runtime::BoxFuture,
};

/// The default order: environment variables, then the CLI's configuration file.
#[derive(Debug, Clone)]
pub struct DefaultChain {
    sources: Vec<(&'static str, Arc<dyn ProvideCredentials>)>,
}

impl DefaultChain {
    pub(crate) fn new(environment: &Arc<dyn Environment>) -> Self {
        Self {
            sources: vec![
                ("environment", Arc::new(EnvironmentProvider::new(environment.clone()))),
                ("profile", Arc::new(ProfileProvider::new(environment.clone()))),
            ],
        }
    }
}

impl ProvideCredentials for DefaultChain {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(async {
            let mut tried = Vec::new();
            for (name, source) in &self.sources {
                match source.provide().await {
                    Ok(credentials) => return Ok(credentials),
                    Err(error) => tried.push(format!("{name}: {}", error.message())),
                }
            }
            Err(Error::new(ErrorKind::Credentials, format!("no credentials found; tried {}", tried.join("; "))))
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::environment::FakeEnvironment;

    fn provide(vars: &[(&str, &str)], config: Option<&str>) -> Result<Credentials, String> {
        let mut environment = FakeEnvironment::default();
        environment.vars.insert("HOME".to_owned(), "/home/me".to_owned());
        environment.vars.extend(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        environment.files.extend(config.map(|text| ("/home/me/.aliyun/config.json".into(), text.to_owned())));
        let chain = DefaultChain::new(&(Arc::new(environment) as Arc<dyn Environment>));
        chain.provide().now_or_never().unwrap().map_err(|error| error.to_string())
    }

    const CONFIG: &str = r#"{"current": "work", "profiles": [
        {"name": "work", "mode": "AK", "access_key_id": "file-id", "access_key_secret": "file-secret"},
        {"name": "temporary", "mode": "StsToken", "access_key_id": "i", "access_key_secret": "s", "sts_token": "t"},
        {"name": "other", "mode": "Magic"}]}"#;

    #[test]
    fn environment_comes_first() {
        let vars = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret")];
        let found = provide(&vars, Some(CONFIG)).unwrap();
        assert_eq!((found.access_key_id(), found.access_key_secret(), found.security_token()), ("id", "secret", None));
        let mut vars = vars.to_vec();
        vars.push(("ALIBABA_CLOUD_SECURITY_TOKEN", "token"));
        assert_eq!(provide(&vars, None).unwrap().security_token(), Some("token"));
    }

    #[test]
    fn then_the_configuration_file() {
        assert_eq!(provide(&[], Some(CONFIG)).unwrap().access_key_id(), "file-id");
        let found = provide(&[("ALIBABA_CLOUD_PROFILE", "temporary")], Some(CONFIG)).unwrap();
        assert_eq!(found.security_token(), Some("t"));
    }

    #[test]
    fn nothing_found_tells_what_was_tried() {
        assert_eq!(
            provide(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")], None).unwrap_err(),
            "no credentials found; tried environment: ALIBABA_CLOUD_ACCESS_KEY_ID is set, but \
             ALIBABA_CLOUD_ACCESS_KEY_SECRET is not; profile: /home/me/.aliyun/config.json can't be read: entity not found"
        );
        let error = provide(&[("ALIBABA_CLOUD_PROFILE", "other")], Some(CONFIG)).unwrap_err();
        assert!(error.ends_with("config.json has the mode `Magic`, which is not supported"), "{error}");
        let error = provide(&[], Some("{\"profiles\": 7, \"secret\": \"s3cret\"}")).unwrap_err();
        assert!(error.ends_with("config.json is no configuration (line 1, column 14)"), "{error}");
    }

    #[test]
    fn secrets_are_never_printed() {
        let shown = format!("{:?}", Credentials::new("id", "s3cret").with_security_token("t0ken"));
        assert_eq!(
            shown,
            "Credentials { access_key_id: \"id\", access_key_secret: ***, security_token: Some(***), bearer_token: None, expires: None }"
        );
    }
}
