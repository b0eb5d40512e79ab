//! Who is next, who waits how long, and what is left of those who are gone.

use std::collections::BTreeMap;
use std::future::ready;
use std::pin::{Pin, pin};

use proptest::prelude::*;
use tokio::time::{Instant, advance};

use super::line::{MOST, MOST_OF_ONE};
use super::*;

const PATIENCE: Duration = Duration::from_secs(30);

fn turns(places: usize) -> Turns {
    Turns::new("tests", places, PATIENCE)
}

fn person(name: &str) -> Asker {
    Asker::person(name, "")
}

fn job(name: &str) -> Asker {
    Asker::job(name, "")
}

/// A line whose requests are called by their names, and the ids of those who have a place.
struct Named {
    line: Line<&'static str>,
    ids: BTreeMap<&'static str, Id>,
}

impl Named {
    fn new(places: usize) -> Self {
        Self { line: Line::new(places), ids: BTreeMap::new() }
    }

    fn join(&mut self, asker: &Asker, names: &[&'static str]) -> &mut Self {
        for name in names {
            let id = self.line.join(asker, name);
            self.ids.insert(name, id);
        }
        self
    }

    /// Who is called next.
    fn called(&mut self) -> Vec<&'static str> {
        std::iter::from_fn(|| self.line.admit()).collect()
    }

    /// Who is called when these are done, one after the other.
    fn called_after(&mut self, done: &[&'static str]) -> Vec<&'static str> {
        let mut called = Vec::new();
        for name in done {
            self.line.leave(self.ids[name]);
            called.extend(self.called());
        }
        called
    }
}

#[test]
fn turns_go_round_among_those_who_ask() {
    let mut line = Named::new(1);
    line.join(&person("a"), &["a1", "a2", "a3"]);
    assert_eq!(line.called(), ["a1"]);
    line.join(&person("b"), &["b1", "b2"]).join(&person("c"), &["c1"]);
    let rest = line.called_after(&["a1", "b1", "c1", "a2", "b2"]);
    assert_eq!(rest, ["b1", "c1", "a2", "b2", "a3"]);
}

#[test]
fn the_last_place_is_for_somebody_else() {
    let mut line = Named::new(3);
    line.join(&person("a"), &["a1", "a2", "a3", "a4"]);
    assert_eq!(line.called(), ["a1", "a2"]);
    line.join(&person("b"), &["b1"]);
    assert_eq!(line.called(), ["b1"]);
    // Nor do two of one party get it.
    assert_eq!(line.called_after(&["b1"]), [""; 0]);
    assert_eq!(line.called_after(&["a1"]), ["a3"]);
    // Where there is but one, whoever asks has it.
    let mut line = Named::new(1);
    line.join(&person("a"), &["a1", "a2"]);
    assert_eq!(line.called(), ["a1"]);
}

#[test]
fn who_has_fewer_places_comes_first() {
    let mut line = Named::new(4);
    line.join(&person("a"), &["a1", "a2", "a3", "a4", "a5"]);
    assert_eq!(line.called(), ["a1", "a2", "a3"]);
    line.join(&person("b"), &["b1", "b2", "b3"]);
    assert_eq!(line.called(), ["b1"]);
    assert_eq!(line.called_after(&["a1", "a2"]), ["b2", "a4"]);
}

#[test]
fn all_jobs_together_leave_a_place_to_people() {
    let mut line = Named::new(2);
    line.join(&job("a"), &["a1"]).join(&job("b"), &["b1"]);
    assert_eq!(line.called(), ["a1"]);
    line.join(&person("b"), &["p1"]);
    assert_eq!(line.called(), ["p1"]);
    assert_eq!(line.called_after(&["p1", "a1"]), ["b1"]);
}

#[test]
fn within_a_party_turns_go_round_among_its_members() {
    let mut line = Named::new(1);
    line.join(&Asker::person("one address", "x"), &["x1", "x2", "x3"]);
    line.join(&Asker::person("one address", "y"), &["y1"]);
    line.join(&person("b"), &["b1"]);
    assert_eq!(line.called(), ["x1"]);
    assert_eq!(line.called_after(&["x1", "b1", "y1", "x2"]), ["b1", "y1", "x2", "x3"]);
}

#[test]
fn a_member_leaves_a_place_of_the_party_to_the_others() {
    let of = |member| Asker::person("one address", member);
    let mut line = Named::new(3);
    // Whoever is alone there has them all.
    line.join(&of("x"), &["x1", "x2", "x3", "x4"]);
    assert_eq!(line.called(), ["x1", "x2"]);
    line.join(&of("y"), &["y1", "y2"]);
    assert_eq!(line.called_after(&["x1", "x2"]), ["y1", "x3"]);
    assert_eq!(line.called_after(&["y1", "x3"]), ["y2", "x4"]);
    // It came first, but has one already.
    let mut line = Named::new(4);
    line.join(&of("x"), &["x1", "x2"]);
    assert_eq!(line.called(), ["x1", "x2"]);
    line.join(&person("b"), &["b1", "b2"]);
    assert_eq!(line.called(), ["b1", "b2"]);
    line.join(&of("x"), &["x3"]).join(&of("y"), &["y1"]);
    assert_eq!(line.called_after(&["b1", "b2"]), ["y1"]);
    assert_eq!(line.called_after(&["x1"]), ["x3"]);
}

#[test]
fn too_many_of_one_are_too_many_and_others_are_not() {
    let mut line = Line::new(1);
    let busy = person("busy");
    for at in 0..MOST_OF_ONE {
        line.join(&busy, at);
        assert_eq!(line.shorten(&busy), None);
    }
    line.join(&busy, MOST_OF_ONE);
    assert_eq!(line.shorten(&busy), Some(MOST_OF_ONE));
    for other in [person("other"), job("busy")] {
        line.join(&other, 0);
        assert_eq!(line.shorten(&other), None);
    }
    // The latest of who has the most within the party makes room.
    line.join(&Asker::person("busy", "another member"), usize::MAX);
    assert_eq!(line.shorten(&Asker::person("busy", "another member")), Some(MOST_OF_ONE - 1));
}

#[test]
fn where_too_many_wait_those_who_have_the_most_make_room() {
    let mut line = Line::new(1);
    let parties = MOST / MOST_OF_ONE;
    for party in 0..parties {
        for at in 0..MOST_OF_ONE {
            let asker = person(&party.to_string());
            line.join(&asker, (party, at));
            assert_eq!(line.shorten(&asker), None);
        }
    }
    let modest = person("modest");
    for _ in 0..parties {
        line.join(&modest, (usize::MAX, 0));
        let (_, latest) = line.shorten(&modest).expect("somebody makes room");
        assert_eq!(latest, MOST_OF_ONE - 1);
    }
    assert_eq!(line.waiting(), MOST);
    // Jobs are not counted, and never too many.
    for _ in 0..2 * MOST {
        line.join(&job("import"), (0, 0));
        assert_eq!(line.shorten(&job("import")), None);
    }
}

/// How many have their turn, and how many wait.
fn counts(turns: &Turns) -> (usize, usize) {
    let line = turns.line();
    (line.taken(), line.waiting())
}

/// What a future says when it is looked at once.
async fn look<F: Future>(future: &mut Pin<&mut F>) -> Option<F::Output> {
    tokio::select! {
        biased;
        output = future => Some(output),
        () = ready(()) => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_waits_for_a_while_and_a_job_as_long_as_it_takes() {
    let turns = turns(1);
    let held = turns.turn(&person("a")).await.expect("a turn");
    let import = job("import");
    let mut import = pin!(turns.turn(&import));
    assert!(look(&mut import).await.is_none());
    let began = Instant::now();
    let refused = turns.turn(&person("b")).await;
    assert!(matches!(refused, Err(ExtractError::Busy)), "{refused:?}");
    assert_eq!(began.elapsed(), PATIENCE);
    advance(PATIENCE * 1_000).await;
    assert!(look(&mut import).await.is_none());
    // Whoever gave up has left nothing in the line.
    assert_eq!(turns.line().waiting(), 1);
    drop(held);
    import.await.expect("a turn");
    assert_eq!(counts(&turns), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_dropped_gives_the_turn_on() {
    let turns = turns(1);
    let askers = ["a", "b", "c", "d"].map(person);
    let held = turns.turn(&askers[0]).await.expect("a turn");
    let mut dropped_waiting = Box::pin(turns.turn(&askers[1]));
    let mut dropped_called = Box::pin(turns.turn(&askers[2]));
    let mut last = pin!(turns.turn(&askers[3]));
    assert!(look(&mut dropped_waiting.as_mut()).await.is_none());
    assert!(look(&mut dropped_called.as_mut()).await.is_none());
    assert!(look(&mut last).await.is_none());
    drop(dropped_waiting);
    // The third is called, and is gone before it hears of it.
    drop(held);
    assert!(look(&mut last).await.is_none());
    drop(dropped_called);
    last.await.expect("a turn");
    assert_eq!(counts(&turns), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn one_too_many_is_told_at_once() {
    let turns = turns(1);
    let _held = turns.turn(&person("a")).await.expect("a turn");
    let busy = person("busy");
    let mut waiting: Vec<_> = (0..MOST_OF_ONE).map(|_| Box::pin(turns.turn(&busy))).collect();
    for waiting in &mut waiting {
        assert!(look(&mut waiting.as_mut()).await.is_none());
    }
    let began = Instant::now();
    let refused = turns.turn(&busy).await;
    assert!(matches!(refused, Err(ExtractError::Busy)), "{refused:?}");
    assert_eq!(began.elapsed(), Duration::ZERO);
    let other = person("other");
    assert!(look(&mut pin!(turns.turn(&other))).await.is_none());
    drop(waiting);
    assert_eq!(counts(&turns), (1, 0));
}

/// What happens to a line. The numbers choose among who is there.
#[derive(Debug, Clone)]
enum Step {
    Join { is_job: bool, party: u8, member: u8 },
    Finish(usize),
    GiveUp(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), 0..6_u8, 0..3_u8)
            .prop_map(|(is_job, party, member)| Step::Join { is_job, party, member }),
        2 => any::<usize>().prop_map(Step::Finish),
        1 => any::<usize>().prop_map(Step::GiveUp),
    ]
}

fn asker(is_job: bool, party: u8, member: u8) -> Asker {
    let (party, member) = (party.to_string(), member.to_string());
    if is_job { Asker::job(party, member) } else { Asker::person(party, member) }
}

/// A line beside what it should hold.
struct Checked {
    line: Line<(Id, Asker)>,
    places: usize,
    /// The id that the next one gets.
    next: Id,
    waiting: Vec<(Id, Asker)>,
    taken: Vec<(Id, Asker)>,
}

impl Checked {
    fn new(places: usize) -> Self {
        let (waiting, taken) = (Vec::new(), Vec::new());
        Self { line: Line::new(places), places, next: 0, waiting, taken }
    }

    fn join(&mut self, asker: Asker) -> Id {
        let id = self.next;
        self.next += 1;
        assert_eq!(self.line.join(&asker, (id, asker.clone())), id);
        self.waiting.push((id, asker.clone()));
        self.settle();
        if let Some((out, _)) = self.line.shorten(&asker) {
            self.waiting.retain(|(waiting, _)| *waiting != out);
        }
        self.check();
        id
    }

    fn leave(&mut self, id: Id) {
        self.line.leave(id);
        self.waiting.retain(|(waiting, _)| *waiting != id);
        self.taken.retain(|(taken, _)| *taken != id);
        self.settle();
        self.check();
    }

    fn settle(&mut self) {
        while let Some(called) = self.line.admit() {
            self.check_share(&called.1);
            let before = self.waiting.len();
            self.waiting.retain(|(waiting, _)| *waiting != called.0);
            assert_eq!(self.waiting.len() + 1, before, "{called:?} waited, and was called once");
            self.taken.push(called);
        }
    }

    /// Whether a member that is called had fewer places than its party leaves to one of several, and
    /// no more than another of its party that waits.
    fn check_share(&self, called: &Asker) {
        let others = || {
            let all = self.taken.iter().chain(&self.waiting).map(|(_, it)| it);
            all.filter(|it| it.party == called.party && it.member != called.member)
        };
        let of_member = |asker: &Asker| self.taken.iter().filter(|(_, it)| it == asker).count();
        let most = (self.places - 1).max(1);
        assert!(others().next().is_none() || of_member(called) < (most - 1).max(1));
        for (_, other) in self.waiting.iter().filter(|(_, it)| it.party == called.party) {
            assert!(of_member(called) <= of_member(other), "{other:?} has fewer than {called:?}");
        }
    }

    /// Whether nobody has more than they may, and no place is free for somebody who may have it.
    fn check(&self) {
        assert_eq!(self.line.taken(), self.taken.len());
        assert_eq!(self.line.waiting(), self.waiting.len());
        assert!(self.taken.len() <= self.places);
        let most = (self.places - 1).max(1);
        let of =
            |asker: &Asker| self.taken.iter().filter(|(_, it)| it.party == asker.party).count();
        let of_jobs = self.taken.iter().filter(|(_, taken)| taken.party.is_job).count();
        assert!(of_jobs <= most);
        for (_, asker) in &self.taken {
            assert!(of(asker) <= most);
        }
        let of_member = |asker: &Asker| self.taken.iter().filter(|(_, it)| it == asker).count();
        let has_free = self.taken.len() < self.places;
        for (_, asker) in self.waiting.iter().filter(|_| has_free) {
            let all = self.taken.iter().chain(&self.waiting);
            let mut party = all.filter(|(_, it)| it.party == asker.party);
            let is_alone = party.all(|(_, it)| it.member == asker.member);
            let most_of_member = if is_alone { most } else { (most - 1).max(1) };
            let may = of(asker) < most
                && of_member(asker) < most_of_member
                && !(asker.party.is_job && of_jobs >= most);
            assert!(!may, "{asker:?} may have a free place");
        }
        let people = self.waiting.iter().filter(|(_, asker)| !asker.party.is_job);
        assert!(people.count() <= MOST);
    }
}

proptest! {
    #[test]
    fn a_line_holds_who_it_should(places in 1..6_usize, steps in prop::collection::vec(step(), 0..400)) {
        let mut line = Checked::new(places);
        for step in steps {
            let choose = |from: &[(Id, Asker)], at: usize| Some(from.get(at % from.len().max(1))?.0);
            match step {
                Step::Join { is_job, party, member } => {
                    line.join(asker(is_job, party, member));
                }
                Step::Finish(at) => {
                    if let Some(id) = choose(&line.taken, at) {
                        line.leave(id);
                    }
                }
                Step::GiveUp(at) => {
                    if let Some(id) = choose(&line.waiting, at) {
                        line.leave(id);
                    }
                }
            }
        }
        for id in 0..line.next {
            line.leave(id);
        }
        prop_assert_eq!((line.line.taken(), line.line.waiting()), (0, 0));
    }

    /// However much others ask for, and whoever joins later.
    #[test]
    fn nobody_starves(
        places in 1..6_usize,
        crowd in prop::collection::vec((any::<bool>(), 0..20_u8), 0..100),
        is_job in any::<bool>(),
    ) {
        let mut line = Checked::new(places);
        for (is_job, party) in &crowd {
            line.join(asker(*is_job, *party, 0));
        }
        let newcomer = line.join(asker(is_job, u8::MAX, 0));
        let parties = 2 * 20;
        let mut finished = 0;
        while line.waiting.iter().any(|(id, _)| *id == newcomer) {
            // Whoever is done wants more, and somebody new comes along.
            let (oldest, done) = line.taken.first().expect("a turn").clone();
            line.leave(oldest);
            line.join(done);
            line.join(Asker::person(format!("new {finished}"), ""));
            line.join(Asker::job(format!("new {finished}"), ""));
            finished += 1;
            prop_assert!(finished <= parties + 2 * places, "{finished} turns later");
        }
    }
}
