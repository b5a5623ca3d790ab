//! The order of the members of responses, as in the service.
//!
//! Clients exist that depend on it, so it is data, taken from published samples: `data/member-order.json`. Members that no
//! sample has follow in the order of the specs.

use std::{
    collections::HashMap,
    sync::{LazyLock, PoisonError, RwLock},
};

use ecs_codegen::spec::Field;
use serde_json::{Map, Value};

use crate::specs::{OperationSpec, Specs};

/// Orders of the samples: the names of the members, each followed by those within it in parentheses.
const SAMPLES: &str = include_str!("../data/member-order.json");

/// Deepest nesting of types that is followed, so that types that contain themselves have an end. Responses have at most
/// eight levels.
const MAX_DEPTH: usize = 12;

/// The order of the members of a struct; empty for other values.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Order {
    members: Vec<(&'static str, Order)>,
    /// The names in the order of searches, with their places.
    places: Vec<(&'static str, usize)>,
}

/// The order of members that nothing is known about.
static UNKNOWN: Order = Order { members: Vec::new(), places: Vec::new() };

/// Order of names in searches. Most names differ in their lengths, which are compared faster.
fn search_key(name: &str) -> (usize, &str) {
    (name.len(), name)
}

impl Order {
    fn new(members: Vec<(&'static str, Order)>) -> Self {
        let mut places: Vec<(&str, usize)> = members.iter().zip(0..).map(|((name, _), place)| (*name, place)).collect();
        places.sort_unstable_by_key(|(name, _)| search_key(name));
        Order { members, places }
    }

    /// Returns the order of the members of an operation's response. It is compiled when the operation is first called, and kept.
    pub(crate) fn of(service: &str, operation: &str) -> &'static Order {
        static ORDERS: LazyLock<RwLock<HashMap<(&str, &str), &Order>>> = LazyLock::new(RwLock::default);
        let known = ORDERS.read().unwrap_or_else(PoisonError::into_inner).get(&(service, operation)).copied();
        known
            .or_else(|| {
                let found = Specs::embedded().ok()?.service(service)?.operation(operation)?;
                let order: &Order = Box::leak(Box::new(compile(found)));
                ORDERS.write().unwrap_or_else(PoisonError::into_inner).insert(found.key(), order);
                Some(order)
            })
            .unwrap_or(&UNKNOWN)
    }

    /// Returns the order of members that nothing is known about.
    pub(crate) fn unknown() -> &'static Order {
        &UNKNOWN
    }

    /// Returns the members of a struct in this order, each with the order of its own members. Unknown members come last.
    pub(crate) fn arrange<'v>(
        &self,
        members: &'v Map<String, Value>,
    ) -> impl Iterator<Item = (&'v str, &'v Value, &Order)> {
        let mut known = vec![None; self.members.len()];
        let mut unknown = Vec::new();
        for (name, value) in members {
            match self.place(name) {
                Some(place) => known[place] = Some((name.as_str(), value, &self.members[place].1)),
                None => unknown.push((name.as_str(), value, &UNKNOWN)),
            }
        }
        known.into_iter().flatten().chain(unknown)
    }

    fn place(&self, name: &str) -> Option<usize> {
        let found = self.places.binary_search_by_key(&search_key(name), |(known, _)| search_key(known)).ok()?;
        Some(self.places[found].1)
    }
}

/// The members that a sample has, in its order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sample(Vec<(&'static str, Sample)>);

impl Sample {
    fn take(&mut self, name: &str) -> Option<Sample> {
        let (_, sample) = self.0.iter_mut().find(|(known, _)| *known == name)?;
        Some(std::mem::take(sample))
    }
}

/// Samples by service and operation.
type Samples = HashMap<&'static str, HashMap<&'static str, &'static str>>;

/// Returns the order of the members of an operation's response.
fn compile(operation: OperationSpec<'static>) -> Order {
    let (service, name) = operation.key();
    let sample = samples().get(service).and_then(|samples| samples.get(name)).map(|text| parse(text));
    complete(operation, sample.unwrap_or_default(), &operation.operation.response, 0)
}

/// Returns all samples, which are read once.
fn samples() -> &'static Samples {
    static READ: LazyLock<Samples> = LazyLock::new(|| {
        let mut file: HashMap<&str, Samples> = serde_json::from_str(SAMPLES).unwrap_or_default();
        file.remove("orders").unwrap_or_default()
    });
    &READ
}

/// Reads a sample, such as `RequestId Instances(Instance(InstanceId Status))`.
fn parse(text: &'static str) -> Sample {
    let mut open = vec![Sample::default()];
    for part in text.split_inclusive([' ', '(', ')']) {
        let name = part.trim_end_matches([' ', '(', ')']);
        if !name.is_empty()
            && let Some(sample) = open.last_mut()
        {
            sample.0.push((name, Sample::default()));
        }
        if part.ends_with('(') {
            open.push(Sample::default());
        } else if part.ends_with(')')
            && open.len() > 1
            && let Some(inner) = open.pop()
            && let Some((_, sample)) = open.last_mut().and_then(|sample| sample.0.last_mut())
        {
            *sample = inner;
        }
    }
    open.into_iter().next().unwrap_or_default()
}

/// Adds the members of the spec that the sample lacks.
fn complete(operation: OperationSpec<'static>, mut sample: Sample, fields: &'static [Field], depth: usize) -> Order {
    let places: HashMap<&str, usize> = sample.0.iter().zip(0..).map(|((name, _), place)| (*name, place)).collect();
    let mut members: Vec<(usize, (&'static str, Order))> = Vec::new();
    // A response has this member, although the specs do not list it.
    if let Some(place) = places.get("RequestId") {
        members.push((*place, ("RequestId", Order::default())));
    }
    for field in fields.iter().filter(|field| field.name != "RequestId") {
        let place = places.get(field.name.as_str()).copied().unwrap_or(usize::MAX);
        let own = sample.take(&field.name).unwrap_or_default();
        members.push((place, (&field.name, below(operation, own, field, depth))));
    }
    // The sort keeps the order of the spec among the members without a place.
    members.sort_by_key(|(place, _)| *place);
    Order::new(members.into_iter().map(|(_, member)| member).collect())
}

/// Returns the order within a member, which may be a list in a struct of its own.
fn below(operation: OperationSpec<'static>, mut sample: Sample, field: &'static Field, depth: usize) -> Order {
    let wrapper = field.wire.as_deref().and_then(|wire| wire.strip_prefix("wrapped:"));
    if let Some(element) = wrapper {
        sample = sample.take(element).unwrap_or_default();
    }
    let fields = operation.ty(field.ty.name()).and_then(|ty| ty.fields.as_deref()).filter(|_| depth < MAX_DEPTH);
    let order = fields.map(|fields| complete(operation, sample, fields, depth + 1)).unwrap_or_default();
    match wrapper {
        Some(element) => Order::new(vec![(element, order)]),
        None => order,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(order: &Order) -> Vec<&str> {
        order.members.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn samples_are_read() {
        let names = |sample: &Sample| sample.0.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        let sample = parse("A B(C(D E)) F(G) H");
        assert_eq!(names(&sample), ["A", "B", "F", "H"]);
        assert_eq!(names(&sample.0[1].1.0[0].1), ["D", "E"]);
        assert_eq!(names(&sample.0[2].1), ["G"]);
    }

    #[test]
    fn unknown_members_come_last() {
        let order = Order::new(["Long", "B", "A", "E"].map(|name| (name, Order::default())).into());
        let value = json!({ "X": 1, "A": 2, "Long": 3, "Y": 4, "B": 5 });
        let arranged = order.arrange(value.as_object().unwrap());
        assert_eq!(arranged.map(|(name, ..)| name).collect::<Vec<_>>(), ["Long", "B", "A", "X", "Y"]);
    }

    #[test]
    fn members_without_a_sample_follow_in_the_order_of_the_spec() {
        let order = Order::of("ecs", "DescribeInstances");
        assert_eq!(names(order), ["Instances", "TotalCount", "RequestId", "PageSize", "PageNumber", "NextToken"]);
        let instance = &order.members[0].1.members[0].1;
        let place = |name: &str| names(instance).iter().position(|known| *known == name).unwrap();
        assert_eq!(place("ResourceGroupId"), 0);
        assert!(place("EipAddress") < place("PublicIpAddress"));
        // No sample has these two.
        assert!(place("CreditSpecification") < place("HibernationOptions"));
        assert!(place("HibernationOptions") < place("ISP"));
    }

    #[test]
    fn orders_begin_with_their_samples() {
        let services = Specs::embedded().unwrap();
        let samples = samples();
        let all =
            samples.iter().flat_map(|(service, all)| all.iter().map(move |(name, sample)| (service, name, sample)));
        for (service, operation, sample) in all {
            // Samples of operations without a spec wait for one.
            let known = services.service(service).and_then(|service| service.operation(operation));
            let Some(known) = known else { continue };
            let order = Order::of(service, operation);
            let sample = parse(sample);
            let sample: Vec<&str> = sample
                .0
                .into_iter()
                .map(|(name, _)| name)
                .filter(|name| *name == "RequestId" || known.has_response_member(name))
                .collect();
            assert_eq!(names(order)[..sample.len()], sample, "{operation}");
        }
        assert_eq!(*Order::of("ecs", "Nothing"), UNKNOWN);
    }
}
