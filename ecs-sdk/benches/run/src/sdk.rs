//! Clients and requests of the SDK.

use std::{
    future::Future as _,
    pin::pin,
    task::{Context, Poll, Waker},
};

use crate::bodies;
use anyhow::{Result, ensure};
use bytes::Bytes;
use ecs_sdk::{
    Client, Credentials,
    operation::describe_instances::DescribeInstances,
    system::BoxFuture,
    transport::{Transport, TransportError},
    types::Filter,
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy, rt::TokioExecutor};

/// A client for one server.
pub fn client(url: &str) -> Result<Client> {
    Ok(builder().endpoint(url).build()?)
}

/// A client whose requests reach only its transport.
pub fn local(transport: impl Transport) -> Result<Client> {
    Ok(builder().endpoint("http://127.0.0.1:9").transport(transport).build()?)
}

fn builder() -> ecs_sdk::config::Builder<Client> {
    Client::builder().region("cn-hangzhou").credentials(Credentials::new("testid", "testsecret"))
}

/// A request with 12 parameters, which the SDK and its signature complete to 20.
pub fn request(client: &Client) -> DescribeInstances {
    client
        .describe_instances()
        .region_id("cn-hangzhou")
        .zone_id("cn-hangzhou-h")
        .instance_ids(["i-bp67acfmxazb4p0001", "i-bp67acfmxazb4p0002"])
        .status("Running")
        .filters([Filter::new().key("CreationStartTime").value("2026-11-28T04:30Z")])
        .instance_name("web server *")
        .page_number(1)
        .max_results(100)
        .vpc_id("vpc-bp67acfmxazb4p0001")
        .resource_group_id("rg-acfmxazb4p0001")
        .need_sale_cycle(false)
}

/// The same parameters for the hand-written client.
pub const REQUEST: [(&str, &str); 13] = [
    ("Action", "DescribeInstances"),
    ("RegionId", "cn-hangzhou"),
    ("ZoneId", "cn-hangzhou-h"),
    ("InstanceIds", r#"["i-bp67acfmxazb4p0001","i-bp67acfmxazb4p0002"]"#),
    ("Status", "Running"),
    ("Filter.1.Key", "CreationStartTime"),
    ("Filter.1.Value", "2026-11-28T04:30Z"),
    ("InstanceName", "web server *"),
    ("PageNumber", "1"),
    ("MaxResults", "100"),
    ("VpcId", "vpc-bp67acfmxazb4p0001"),
    ("ResourceGroupId", "rg-acfmxazb4p0001"),
    ("NeedSaleCycle", "false"),
];

/// Runs a call until its request is signed and passed to the [`Never`] transport.
pub fn until_signed(request: DescribeInstances) -> Result<()> {
    let mut sending = pin!(request.send());
    ensure!(matches!(sending.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending), "the call ended");
    Ok(())
}

/// A client for one server with the transport of the example `own_transport`.
pub fn plain_client(url: &str) -> Result<Client> {
    let http = legacy::Client::builder(TokioExecutor::new()).build_http();
    Ok(builder().endpoint(url).transport(Plain(http)).build()?)
}

/// A transport for plain HTTP.
#[derive(Debug)]
struct Plain(legacy::Client<legacy::connect::HttpConnector, Full<Bytes>>);

impl Transport for Plain {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let response = self.0.request(request.map(Full::new));
        Box::pin(async {
            let (head, body) = response.await.map_err(TransportError::interrupted)?.into_parts();
            let body = body.collect().await.map_err(TransportError::interrupted)?;
            Ok(http::Response::from_parts(head, body.to_bytes()))
        })
    }
}

/// A transport that never responds.
#[derive(Debug)]
pub struct Never;

impl Transport for Never {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        assert!(!request.body().is_empty());
        Box::pin(std::future::pending())
    }
}

/// A transport that always sends the same response.
#[derive(Debug)]
pub struct Fixed(pub Bytes);

impl Transport for Fixed {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async { Ok(http::Response::new(self.0.clone())) })
    }
}

/// A transport that sends pages of instances.
#[derive(Debug)]
pub struct Pages(Vec<Bytes>);

impl Pages {
    /// Creates a list of `count` pages.
    pub fn new(count: usize) -> Self {
        let token = |page: usize| if page + 1 < count { format!("page-{:05}", page + 1) } else { String::new() };
        Self((0..count).map(|page| bodies::page(page, &token(page), count * bodies::INSTANCES).into()).collect())
    }
}

impl Transport for Pages {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let body = String::from_utf8_lossy(request.body());
        let token = body.split('&').find_map(|pair| pair.strip_prefix("NextToken=page-"));
        let page: usize = token.and_then(|page| page.parse().ok()).unwrap_or(0);
        let body = self.0[page].clone();
        Box::pin(async { Ok(http::Response::new(body)) })
    }
}
