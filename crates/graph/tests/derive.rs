//! What `#[derive(State)]` and `#[derive(Route)]` make.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vpaura_graph::{Durable, Field, FieldSet, Part, Reducer, Route, State, Step, Writes};

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, State)]
#[state(version = 3, migrate = migrate_trip)]
#[state(context = Vec<u8>, event = BTreeMap<u8, u8>)]
struct Trip {
    city: String,
    #[reduce(set)]
    guide: Option<Arc<str>>,
    #[reduce(last)]
    status: String,
    #[reduce(append)]
    stops: Vec<String>,
    #[reduce(append)]
    diary: String,
    #[reduce(append)]
    prices: BTreeMap<String, u32>,
    #[reduce(with = spend)]
    budget: u32,
    #[reduce(with = pick, takes = u32)]
    choice: Option<u32>,
    #[reduce(append)]
    #[state(ephemeral)]
    found: Vec<u32>,
    #[state(ephemeral)]
    r#type: Option<u8>,
}

/// Refuses what is more than there is.
fn spend(budget: &mut u32, cost: u32) -> Result<(), String> {
    *budget = budget.checked_sub(cost).ok_or_else(|| format!("{cost} of {budget}"))?;
    Ok(())
}

/// The highest stays.
fn pick(choice: &mut Option<u32>, other: u32) {
    *choice = Some(choice.map_or(other, |choice| choice.max(other)));
}

/// Up to version 2, `city` was called `town`.
fn migrate_trip(from: u32, part: Part, mut stored: Value) -> Result<Value, String> {
    let fields = stored.as_object_mut().ok_or("no object")?;
    if from == 0 {
        return Err(format!("version 0 of {part:?}"));
    }
    if let Some(town) = fields.remove("town") {
        fields.insert("city".into(), town);
    }
    Ok(stored)
}

fn update() -> TripUpdate {
    TripUpdate::default()
}

fn apply(update: TripUpdate) -> Trip {
    let mut trip = Trip { budget: 100, stops: vec!["Rome".into()], ..Trip::default() };
    trip.apply(update).expect("a good update");
    trip
}

fn stored(update: &TripUpdate) -> Value {
    serde_json::to_value(update).expect("JSON")
}

fn read(update: Value) -> TripUpdate {
    serde_json::from_value(update).expect("an update")
}

#[test]
fn what_is_not_written_stays() {
    assert_eq!(apply(update()), apply(read(json!({}))));
    assert_eq!(apply(update()).stops, ["Rome"]);
    assert_eq!(stored(&update()), json!({}));
}

#[test]
fn a_set_value_replaces_the_field_and_the_last_call_stays() {
    let trip = apply(update().city("Oslo").city("Bonn").guide(Some("Ada".into())).status("on"));
    assert_eq!((trip.city.as_str(), trip.guide.as_deref()), ("Bonn", Some("Ada")));
    assert_eq!(trip.status, "on");
}

#[test]
fn appended_values_are_added_in_order() {
    let update = update()
        .stops("Oslo")
        .extend_stops(["Bonn".to_owned(), "Bern".to_owned()])
        .stops(String::from("Graz"))
        .diary("Sun. ")
        .extend_diary(["Rain. ".to_owned(), "Fog.".to_owned()])
        .prices(("tea".to_owned(), 3))
        .extend_prices([("cake".to_owned(), 5), ("tea".to_owned(), 4)]);
    let trip = apply(update);
    assert_eq!(trip.stops, ["Rome", "Oslo", "Bonn", "Bern", "Graz"]);
    assert_eq!(trip.diary, "Sun. Rain. Fog.");
    assert_eq!(trip.prices, BTreeMap::from([("cake".to_owned(), 5), ("tea".to_owned(), 4)]));
}

#[test]
fn an_overwrite_drops_what_came_before_it_only() {
    let update = update()
        .stops("Oslo")
        .overwrite_stops(vec!["Bonn".to_owned()])
        .stops("Bern")
        .budget(60)
        .overwrite_budget(50)
        .budget(20)
        .overwrite_diary("New.");
    let trip = apply(update);
    assert_eq!(trip.stops, ["Bonn", "Bern"]);
    assert_eq!(trip.budget, 30);
    assert_eq!(trip.diary, "New.");
}

#[test]
fn a_reducer_of_its_own_merges_one_after_the_other_and_may_refuse() {
    let trip = apply(update().budget(30).budget(20).choice(4).choice(9).choice(2));
    assert_eq!((trip.budget, trip.choice), (50, Some(9)));

    let mut trip = Trip { budget: 10, ..Trip::default() };
    let error = trip.apply(update().budget(4).budget(7)).expect_err("too much");
    assert_eq!(error.to_string(), "field `budget` refuses the value: 7 of 6");
}

#[test]
fn what_is_ephemeral_is_gone_with_the_next_step() {
    let mut trip = apply(update().found(1).found(2).r#type(Some(7)).stops("Oslo"));
    assert_eq!((trip.found.as_slice(), trip.r#type), ([1, 2].as_slice(), Some(7)));
    trip.begin_step();
    assert_eq!((trip.found.len(), trip.r#type), (0, None));
    assert_eq!(trip.stops, ["Rome", "Oslo"]);
}

#[test]
fn writes_say_what_is_exclusive_and_what_overwrites() {
    let bits = |names: &[&str]| {
        let is_in = |(_, field): &(u32, &Field)| names.contains(&field.name);
        let fields = (0_u32..).zip(Trip::FIELDS).filter(is_in);
        fields.fold(FieldSet::default(), |set, (bit, _)| set.with(bit, true))
    };
    let added = update().status("on").stops("Oslo").budget(1).choice(1).found(1);
    assert_eq!(Trip::writes(&added), Writes::default());

    let all = added.city("Bonn").guide(None).r#type(None).overwrite_budget(1);
    let all = all.overwrite_choice(None).overwrite_stops(Vec::new());
    let expected = Writes {
        exclusive: bits(&["city", "guide", "type"]),
        overwrite: bits(&["budget", "choice", "stops"]),
    };
    assert_eq!(Trip::writes(&all), expected);
    assert_eq!(Trip::writes(&read(stored(&all))), expected);
}

#[test]
fn what_is_forgotten_is_as_if_never_written() {
    let mut some = update().city("Bonn").stops("Oslo").budget(5);
    Trip::forget(&mut some, FieldSet::default().with(3, true).with(6, true));
    assert_eq!(stored(&some), json!({"city": "Bonn"}));
}

#[test]
fn none_is_a_value_and_not_the_same_as_unset() {
    let none = update().guide(None).overwrite_choice(None);
    assert_eq!(stored(&none), json!({"guide": null, "choice": {"=": null}}));
    for none in [none.clone(), read(stored(&none))] {
        let mut trip = Trip { guide: Some("Ada".into()), choice: Some(1), ..Trip::default() };
        trip.apply(none).expect("a good update");
        assert_eq!((trip.guide, trip.choice), (None, None));
    }
}

#[test]
fn the_stored_form_holds_what_is_added() {
    let update = update()
        .city("Bonn")
        .status("on")
        .stops("Oslo")
        .diary("Sun.")
        .overwrite_prices(BTreeMap::from([("tea".to_owned(), 3)]))
        .prices(("cake".to_owned(), 5))
        .budget(20)
        .budget(5)
        .overwrite_found(vec![1])
        .r#type(Some(1));
    insta::assert_json_snapshot!(update, @r#"
    {
      "city": "Bonn",
      "status": "on",
      "stops": {
        "+": [
          "Oslo"
        ]
      },
      "diary": {
        "+": "Sun."
      },
      "prices": {
        "=": {
          "tea": 3
        },
        "+": {
          "cake": 5
        }
      },
      "budget": {
        "+": [
          20,
          5
        ]
      },
      "found": {
        "=": [
          1
        ]
      },
      "type": 1
    }
    "#);
}

#[test]
fn an_unknown_field_is_not_dropped_in_silence() {
    let error = serde_json::from_value::<TripUpdate>(json!({"town": "Bonn"})).expect_err("unknown");
    assert!(error.to_string().contains("unknown field `town`"), "{error}");
}

#[test]
fn older_versions_are_read_by_the_migration() {
    assert_eq!(Trip::VERSION, 3);
    let migrated = Trip::migrate(2, Part::Update, json!({"town": "Bonn"})).expect("known");
    assert_eq!(apply(read(migrated)).city, "Bonn");
    assert_eq!(Trip::migrate(0, Part::State, json!({})), Err("version 0 of State".to_owned()));
    let refused = Plain::migrate(7, Part::State, json!({})).expect_err("no migration");
    assert!(refused.contains("version 7"), "{refused}");
}

#[test]
fn the_fields_are_known_as_data() {
    let field = |name, reducer, ty| Field { name, reducer, ty, ephemeral: false };
    let expected = [
        field("city", Reducer::Set, "String"),
        field("guide", Reducer::Set, "Option<Arc<str>>"),
        field("status", Reducer::Last, "String"),
        field("stops", Reducer::Append, "Vec<String>"),
        field("diary", Reducer::Append, "String"),
        field("prices", Reducer::Append, "BTreeMap<String, u32>"),
        field("budget", Reducer::Custom("spend"), "u32"),
        field("choice", Reducer::Custom("pick"), "Option<u32>"),
        Field { ephemeral: true, ..field("found", Reducer::Append, "Vec<u32>") },
        Field { ephemeral: true, ..field("type", Reducer::Set, "Option<u8>") },
    ];
    assert_eq!(Trip::FIELDS, expected);
}

#[test]
fn debug_names_the_fields_and_hides_their_values() {
    let update = update().city("secret").stops("secret").r#type(None);
    assert_eq!(format!("{update:?}"), "TripUpdate(city, stops, type)");
    assert_eq!(format!("{:?}", self::update()), "TripUpdate");
}

#[test]
fn an_update_is_a_step() {
    let _: Step<Trip> = update().city("Bonn").into();
}

/// The defaults, a name of its own, and lists of every kind.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, State)]
#[state(update = Change)]
struct Plain {
    #[reduce(append)]
    queue: VecDeque<Arc<str>>,
    #[reduce(append)]
    tags: BTreeSet<String>,
    boxed: Option<Box<Plain>>,
    #[reduce(append)]
    children: Vec<Arc<Self>>,
}

#[test]
fn an_update_can_have_a_name_of_its_own() {
    let mut plain = Plain::default();
    let child = Plain { tags: BTreeSet::from(["b".to_owned()]), ..Plain::default() };
    let change = Change::default().queue("first").tags("a").tags("a").children(child.clone());
    plain.apply(change).expect("a good update");
    assert_eq!(plain.queue, ["first".into()]);
    assert_eq!((plain.tags.len(), &*plain.children[0]), (1, &child));
    assert_eq!(Plain::VERSION, 1);
    assert_eq!(Plain::FIELDS[3].ty, "Vec<Arc<Plain>>");
}

trait Tool: Send + Sync {
    fn name(&self) -> &'static str;
}

struct Hammer;

impl Tool for Hammer {
    fn name(&self) -> &'static str {
        "hammer"
    }
}

/// Nothing of it has a JSON form.
#[derive(Clone, State)]
#[state(transient)]
struct Workshop {
    tool: Arc<dyn Tool>,
    #[reduce(append)]
    more: Vec<Arc<dyn Tool>>,
}

#[test]
fn a_transient_state_needs_no_json_and_pointers_to_traits_coerce() {
    let mut workshop = Workshop { tool: Arc::new(Hammer), more: Vec::new() };
    let update = WorkshopUpdate::default().tool(Arc::new(Hammer)).more(Arc::new(Hammer));
    workshop.apply(update).expect("a good update");
    assert_eq!((workshop.tool.name(), workshop.more[0].name()), ("hammer", "hammer"));
}

/// A state without fields is one too.
#[derive(Clone, State, Serialize, Deserialize)]
struct Nothing {}

#[test]
fn a_state_may_have_no_fields() {
    assert!(Nothing::FIELDS.is_empty());
    Nothing {}.apply(NothingUpdate::default()).expect("a good update");
}

/// Names that the expansion must not fall for.
mod hostile {
    #![expect(dead_code, reason = "they only stand in the way")]

    struct Option;
    struct Vec;
    struct Result;
    struct Some;
    struct Ok;
    struct Default;
    struct Into;
    struct Step;
    struct Set;
    mod serde {}
    mod serde_json {}
    mod vpaura_graph {}
    mod core {}
    mod std {}

    #[derive(Clone, ::vpaura_graph::State, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
    #[state(update = Default_, migrate = value)]
    pub(super) struct Hostile {
        pub(super) value: u8,
        #[reduce(append)]
        pub(super) update: ::std::vec::Vec<u8>,
        #[reduce(with = update)]
        pub(super) fields: u8,
        #[state(ephemeral)]
        item: ::std::string::String,
    }

    /// Called like the argument that it meets in derived code.
    fn update(highest: &mut u8, other: u8) {
        *highest = (*highest).max(other);
    }

    /// Likewise.
    fn value(
        _: u32,
        _: ::vpaura_graph::Part,
        stored: ::serde_json::Value,
    ) -> ::std::result::Result<::serde_json::Value, ::std::string::String> {
        ::std::result::Result::Ok(stored)
    }

    pub(super) fn changed() -> Hostile {
        let mut hostile = Hostile {
            value: 1,
            update: ::std::vec::Vec::new(),
            fields: 5,
            item: ::std::string::String::new(),
        };
        let change = <Default_ as ::std::default::Default>::default()
            .value(2)
            .update(3)
            .extend_update([4])
            .fields(4)
            .fields(9);
        assert!(::vpaura_graph::State::apply(&mut hostile, change).is_ok());
        hostile
    }
}

#[test]
fn names_around_a_state_do_not_matter() {
    let hostile = hostile::changed();
    assert_eq!((hostile.value, hostile.update.as_slice(), hostile.fields), (2, &[3, 4][..], 9));
}

/// A state whose field's type comes through another macro.
macro_rules! state_of {
    ($name:ident, $ty:ty) => {
        #[derive(Clone, Default, Serialize, Deserialize, State)]
        struct $name {
            #[reduce(append)]
            log: $ty,
        }
    };
}
state_of!(Logged, Vec<String>);

#[test]
fn a_state_can_be_made_by_a_macro() {
    let mut logged = Logged::default();
    logged.apply(LoggedUpdate::default().log("text")).expect("a good update");
    assert_eq!(
        (logged.log.as_slice(), Logged::FIELDS[0].ty),
        (["text".to_owned()].as_slice(), "Vec<String>")
    );
}

/// As many fields as a state can have.
macro_rules! wide {
    ($($field:ident)+) => {
        #[derive(Clone, Default, State)]
        #[state(transient)]
        struct Wide {
            $($field: u8,)+
        }
    };
}
wide! {
    f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19 f20 f21 f22 f23 f24
    f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39 f40 f41 f42 f43 f44 f45 f46
    f47 f48 f49 f50 f51 f52 f53 f54 f55 f56 f57 f58 f59 f60 f61 f62 f63
}

#[test]
fn the_last_of_all_fields_is_one_like_the_first() {
    assert_eq!(Wide::FIELDS.len(), FieldSet::MAX);
    let mut update = WideUpdate::default().f0(1).f63(2);
    assert_eq!(Wide::writes(&update).exclusive, FieldSet(1 | 1 << 63));
    Wide::forget(&mut update, FieldSet(1));
    let mut wide = Wide::default();
    wide.apply(update).expect("a good update");
    assert_eq!((wide.f0, wide.f63), (0, 2));
}

#[derive(Route, Debug, Clone, Copy, PartialEq)]
enum Next {
    Ask = 4,
    Answer = 2,
    #[allow(clippy::upper_case_acronyms, reason = "a name like any other")]
    END,
}

#[test]
fn a_route_lists_its_ways_in_order() {
    assert_eq!(Next::ALL, [Next::Ask, Next::Answer, Next::END]);
    assert_eq!(bool::ALL, [true, false]);
}

/// One call of a builder method.
#[derive(Debug, Clone)]
enum Call {
    City(String),
    Guide(Option<String>),
    Status(String),
    Stops(Vec<String>),
    OverwriteStops(Vec<String>),
    Diary(String),
    OverwriteDiary(String),
    Price(String, u32),
    OverwritePrices(BTreeMap<String, u32>),
    Budget(u32),
    OverwriteBudget(u32),
    Choice(u32),
    OverwriteChoice(Option<u32>),
    Found(u32),
    Type(Option<u8>),
}

impl Call {
    fn on(self, update: TripUpdate) -> TripUpdate {
        match self {
            Self::City(city) => update.city(city),
            Self::Guide(guide) => update.guide(guide.map(Arc::from)),
            Self::Status(status) => update.status(status),
            Self::Stops(stops) => update.extend_stops(stops),
            Self::OverwriteStops(stops) => update.overwrite_stops(stops),
            Self::Diary(text) => update.diary(text),
            Self::OverwriteDiary(text) => update.overwrite_diary(text),
            Self::Price(what, price) => update.prices((what, price)),
            Self::OverwritePrices(prices) => update.overwrite_prices(prices),
            Self::Budget(cost) => update.budget(cost),
            Self::OverwriteBudget(budget) => update.overwrite_budget(budget),
            Self::Choice(choice) => update.choice(choice),
            Self::OverwriteChoice(choice) => update.overwrite_choice(choice),
            Self::Found(found) => update.found(found),
            Self::Type(kind) => update.r#type(kind),
        }
    }
}

fn call() -> impl Strategy<Value = Call> {
    let text = || any::<String>();
    let texts = || prop::collection::vec(any::<String>(), 0..4);
    prop_oneof![
        text().prop_map(Call::City),
        prop::option::of(text()).prop_map(Call::Guide),
        text().prop_map(Call::Status),
        texts().prop_map(Call::Stops),
        texts().prop_map(Call::OverwriteStops),
        text().prop_map(Call::Diary),
        text().prop_map(Call::OverwriteDiary),
        (text(), any::<u32>()).prop_map(|(what, price)| Call::Price(what, price)),
        prop::collection::btree_map(text(), any::<u32>(), 0..4).prop_map(Call::OverwritePrices),
        (0..90_u32).prop_map(Call::Budget),
        (0..90_u32).prop_map(Call::OverwriteBudget),
        any::<u32>().prop_map(Call::Choice),
        any::<Option<u32>>().prop_map(Call::OverwriteChoice),
        any::<u32>().prop_map(Call::Found),
        any::<Option<u8>>().prop_map(Call::Type),
    ]
}

proptest! {
    #[test]
    fn a_stored_update_does_what_the_update_did(
        calls in prop::collection::vec(call(), 0..12),
        forgotten in any::<u64>(),
    ) {
        let mut update = calls.into_iter().fold(update(), |update, call| call.on(update));
        Trip::forget(&mut update, FieldSet(forgotten & 0x3ff));
        let text = serde_json::to_string(&update).expect("JSON");
        let again: TripUpdate = serde_json::from_str(&text).expect("an update");
        prop_assert_eq!(Trip::writes(&update), Trip::writes(&again));
        prop_assert_eq!(serde_json::to_string(&again).expect("JSON"), text);

        let start = Trip { budget: 200, choice: Some(7), stops: vec!["Rome".into()], ..Trip::default() };
        let (mut one, mut other) = (start.clone(), start);
        prop_assert_eq!(one.apply(update), other.apply(again));
        prop_assert_eq!(one, other);
    }
}
