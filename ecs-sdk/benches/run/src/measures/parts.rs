//! Parts of calls, without a server.

use std::{cell::RefCell, hint::black_box, rc::Rc};

use anyhow::{Result, ensure};
use bytes::Bytes;
use ecs_sdk::operation::describe_instances::DescribeInstancesResponse;

use super::{Measure, Rival, Setup, Work};
use crate::{bodies, hand, models, sdk};

pub(super) const MEASURES: &[Measure] = &[
    Measure {
        name: "sign",
        title: "encode and sign a request of 20 parameters",
        times: 1000,
        rivals: &[
            Rival { name: "sdk", prepare: sign },
            Rival { name: "plain", prepare: sign_plainly },
            Rival { name: "hand", prepare: sign_by_hand },
        ],
    },
    Measure {
        name: "local",
        title: "small call without HTTP",
        times: 2000,
        rivals: &[Rival { name: "sdk", prepare: local }],
    },
    Measure {
        name: "decode",
        title: "decode 100 instances, 350 KB",
        times: 10,
        rivals: &[
            Rival { name: "sdk", prepare: decode },
            Rival { name: "derive", prepare: decode_derived },
            Rival { name: "derive from_str", prepare: decode_derived_str },
            Rival { name: "Value", prepare: decode_value },
            Rival { name: "simd-json", prepare: decode_simd },
        ],
    },
    Measure {
        name: "encode-back",
        title: "encode 100 instances as JSON",
        times: 20,
        rivals: &[Rival { name: "sdk", prepare: encode }, Rival { name: "derive", prepare: encode_derived }],
    },
    Measure {
        name: "clone",
        title: "clone 100 instances",
        times: 40,
        rivals: &[Rival { name: "sdk", prepare: clone }, Rival { name: "derive", prepare: clone_derived }],
    },
    Measure {
        name: "paging",
        title: "read 1,000 instances from 10 pages",
        times: 1,
        rivals: &[Rival { name: "sdk", prepare: paging }, Rival { name: "read ahead", prepare: paging_ahead }],
    },
];

/// Does the same work `n` times.
fn repeat<'s>(mut work: impl FnMut() -> Result<()> + 's) -> Work<'s> {
    Work::new(Box::new(move |times, _| (0..times).try_for_each(|_| work())))
}

fn sign(setup: &Setup) -> Result<Work<'_>> {
    let client = sdk::local(sdk::Never)?;
    let requests = Rc::new(RefCell::new(Vec::new()));
    let fill = requests.clone();
    Ok(Work {
        before: Box::new(move |times| fill.borrow_mut().extend((0..times).map(|_| sdk::request(&client)))),
        run: Box::new(move |_, _| {
            let _guard = setup.runtime.enter();
            requests.borrow_mut().drain(..).try_for_each(sdk::until_signed)
        }),
    })
}

fn sign_plainly(_: &Setup) -> Result<Work<'_>> {
    Ok(repeat(|| {
        black_box(hand::signed_plainly(&sdk::REQUEST)?);
        Ok(())
    }))
}

fn sign_by_hand(_: &Setup) -> Result<Work<'_>> {
    Ok(repeat(|| {
        black_box(hand::signed(&sdk::REQUEST)?);
        Ok(())
    }))
}

fn local(setup: &Setup) -> Result<Work<'_>> {
    let client = sdk::local(sdk::Fixed(bodies::small().into()))?;
    Ok(repeat(move || {
        let response = setup.runtime.block_on(client.describe_regions().send())?;
        ensure!(response.regions.len() > 1);
        Ok(())
    }))
}

fn decode(setup: &Setup) -> Result<Work<'_>> {
    // The runtime decodes bodies; a call without HTTP costs a hundredth of it.
    let client = sdk::local(sdk::Fixed(bodies::large().into()))?;
    Ok(repeat(move || {
        black_box(setup.runtime.block_on(client.describe_instances().send())?);
        Ok(())
    }))
}

fn decode_derived(_: &Setup) -> Result<Work<'_>> {
    let body = Bytes::from(bodies::large());
    Ok(repeat(move || {
        black_box(serde_json::from_slice::<models::DescribeInstancesResponse>(&body)?);
        Ok(())
    }))
}

fn decode_derived_str(_: &Setup) -> Result<Work<'_>> {
    let body = bodies::large();
    Ok(repeat(move || {
        black_box(serde_json::from_str::<models::DescribeInstancesResponse>(&body)?);
        Ok(())
    }))
}

fn decode_value(_: &Setup) -> Result<Work<'_>> {
    let body = Bytes::from(bodies::large());
    Ok(repeat(move || {
        black_box(serde_json::from_slice::<serde_json::Value>(&body)?);
        Ok(())
    }))
}

fn decode_simd(_: &Setup) -> Result<Work<'_>> {
    let body = bodies::large().into_bytes();
    Ok(repeat(move || {
        // It overwrites its input.
        let mut body = body.clone();
        black_box(simd_json::from_slice::<models::DescribeInstancesResponse>(&mut body)?);
        Ok(())
    }))
}

fn response() -> Result<DescribeInstancesResponse> {
    Ok(serde_json::from_str(&bodies::large())?)
}

fn derived() -> Result<models::DescribeInstancesResponse> {
    Ok(serde_json::from_str(&bodies::large())?)
}

fn encode(_: &Setup) -> Result<Work<'_>> {
    let response = response()?;
    Ok(repeat(move || {
        black_box(serde_json::to_vec(&response)?);
        Ok(())
    }))
}

fn encode_derived(_: &Setup) -> Result<Work<'_>> {
    let response = derived()?;
    Ok(repeat(move || {
        black_box(serde_json::to_vec(&response)?);
        Ok(())
    }))
}

fn clone(_: &Setup) -> Result<Work<'_>> {
    let response = response()?;
    Ok(repeat(move || {
        black_box(response.clone());
        Ok(())
    }))
}

fn clone_derived(_: &Setup) -> Result<Work<'_>> {
    let response = derived()?;
    Ok(repeat(move || {
        black_box(response.clone());
        Ok(())
    }))
}

fn paging(setup: &Setup) -> Result<Work<'_>> {
    pages(setup, false)
}

fn paging_ahead(setup: &Setup) -> Result<Work<'_>> {
    pages(setup, true)
}

fn pages(setup: &Setup, ahead: bool) -> Result<Work<'_>> {
    let client = sdk::local(sdk::Pages::new(10))?;
    Ok(repeat(move || {
        setup.runtime.block_on(async {
            let items = client.describe_instances().items();
            let mut items = if ahead { items.read_ahead() } else { items };
            let mut count = 0;
            while let Some(item) = items.try_next().await? {
                black_box(item);
                count += 1;
            }
            ensure!(count == 10 * bodies::INSTANCES, "{count} items");
            Ok(())
        })
    }))
}
