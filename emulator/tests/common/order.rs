//! The order of the members of responses.

use std::sync::LazyLock;

use serde_json::Value;

use super::{CMS, ECS, STS, VPC};

/// The order of the members of a struct.
#[derive(Debug, Default)]
struct Order(Vec<(String, Order)>);

/// Reads an order such as `RequestId Instances(Instance(InstanceId Status))` up to the end of its parentheses.
fn order<'a>(words: &mut impl Iterator<Item = &'a str>) -> Order {
    let mut order = Order::default();
    while let Some(word) = words.next() {
        match word {
            "(" => order.0.last_mut().unwrap().1 = self::order(words),
            ")" => break,
            name => order.0.push((name.to_owned(), Order::default())),
        }
    }
    order
}

/// Checks that the members that the sample of an operation has are in its order.
pub fn check(version: &str, operation: &str, response: &Value) {
    static SAMPLES: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("../../data/member-order.json")).unwrap());
    let services = [(ECS, "ecs"), (VPC, "vpc"), (CMS, "cms"), (STS, "sts")];
    let service = services.iter().find(|(known, _)| *known == version).map_or("", |(_, service)| *service);
    let Some(sample) = SAMPLES["orders"][service][operation].as_str() else { return };
    let words = sample.replace('(', " ( ").replace(')', " ) ");
    check_members_order(&order(&mut words.split_whitespace()), response, operation);
}

fn check_members_order(order: &Order, value: &Value, path: &str) {
    if let Value::Array(items) = value {
        items.iter().for_each(|item| check_members_order(order, item, path));
    }
    let Value::Object(members) = value else { return };
    let known: Vec<&str> =
        members.keys().map(String::as_str).filter(|name| order.0.iter().any(|(known, _)| known == name)).collect();
    let expected: Vec<&str> =
        order.0.iter().map(|(name, _)| name.as_str()).filter(|name| members.contains_key(*name)).collect();
    assert_eq!(known, expected, "{path}");
    for (name, order) in &order.0 {
        if let Some(value) = members.get(name) {
            check_members_order(order, value, &format!("{path}.{name}"));
        }
    }
}
