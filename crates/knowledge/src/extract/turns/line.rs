//! The line itself, without time or tasks: who has a place, who waits, and who is next.

use std::collections::VecDeque;

use super::{Asker, Party};

/// People's requests of one party that wait. Each holds an open file, and the last would wait for
/// minutes.
pub(super) const MOST_OF_ONE: usize = 32;
/// People's requests that wait altogether.
pub(super) const MOST: usize = 256;

/// Names a request in the line, whether it waits or has its turn.
pub(super) type Id = u64;

/// Who has the places and who waits for one. `T` is what is handed out when a request's turn comes.
#[derive(Debug)]
pub(super) struct Line<T> {
    places: usize,
    next_id: Id,
    taken: Vec<(Id, Asker)>,
    /// Parties with somebody who waits: whose turn was the longest ago comes first.
    waiting: VecDeque<Waiting<T>>,
}

/// A party's members with somebody who waits, in the same order as the parties.
#[derive(Debug)]
struct Waiting<T> {
    party: Party,
    members: VecDeque<Member<T>>,
}

/// A member's requests that wait, oldest first; at least one.
#[derive(Debug)]
struct Member<T> {
    name: String,
    requests: VecDeque<(Id, T)>,
}

impl<T> Line<T> {
    /// So many places; at least one.
    pub(super) const fn new(places: usize) -> Self {
        let places = if places == 0 { 1 } else { places };
        Self { places, next_id: 0, taken: Vec::new(), waiting: VecDeque::new() }
    }

    /// How many have their turn.
    pub(super) const fn taken(&self) -> usize {
        self.taken.len()
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.iter().map(Waiting::len).sum()
    }

    /// Puts a request at the end of its asker's line.
    pub(super) fn join(&mut self, asker: &Asker, turn: T) -> Id {
        let id = self.next_id;
        self.next_id += 1;
        let own = self.waiting.iter_mut().find(|waiting| waiting.party == asker.party);
        if let Some(waiting) = own {
            waiting.join(&asker.member, id, turn);
        } else {
            let mut waiting = Waiting { party: asker.party.clone(), members: VecDeque::new() };
            waiting.join(&asker.member, id, turn);
            self.waiting.push_back(waiting);
        }
        id
    }

    /// Gives a free place to the next, if there are both. The party with the fewest places comes
    /// first; of those that have as few, the one that waits the longest since it joined or had a turn.
    pub(super) fn admit(&mut self) -> Option<T> {
        if self.taken.len() >= self.places {
            return None;
        }
        let next = (0..self.waiting.len()).filter(|&at| self.may(&self.waiting[at].party));
        let next = next.filter_map(|at| Some((at, self.next_member(&self.waiting[at])?)));
        let (next, member) = next.min_by_key(|&(at, _)| self.places_of(&self.waiting[at].party))?;
        let mut waiting = self.waiting.remove(next)?;
        let (member, id, turn) = waiting.take(member)?;
        self.taken.push((id, Asker { party: waiting.party.clone(), member }));
        if !waiting.members.is_empty() {
            self.waiting.push_back(waiting);
        }
        Some(turn)
    }

    /// Where too many people's requests wait since one of this asker joined: takes out the latest of
    /// those who have the most.
    pub(super) fn shorten(&mut self, asker: &Asker) -> Option<T> {
        if asker.party.is_job {
            return None;
        }
        let own = self.waiting.iter().position(|waiting| waiting.party == asker.party)?;
        let people = self.waiting.iter().filter(|waiting| !waiting.party.is_job);
        let longest = if self.waiting[own].len() > MOST_OF_ONE {
            own
        } else if people.map(Waiting::len).sum::<usize>() > MOST {
            // Who came last goes first, where others have as many.
            let people = (0..self.waiting.len()).filter(|&at| !self.waiting[at].party.is_job);
            people.max_by_key(|&at| (self.waiting[at].len(), at == own))?
        } else {
            return None;
        };
        let turn = self.waiting[longest].take_latest(&asker.member);
        self.forget_empty();
        turn
    }

    /// The request is over, or does not wait any longer.
    pub(super) fn leave(&mut self, id: Id) {
        if let Some(at) = self.taken.iter().position(|(taken, _)| *taken == id) {
            let (_, asker) = self.taken.swap_remove(at);
            self.step_back(&asker);
            return;
        }
        for waiting in &mut self.waiting {
            waiting.leave(id);
        }
        self.forget_empty();
    }

    /// Whoever had a turn goes behind all who came while it lasted.
    fn step_back(&mut self, asker: &Asker) {
        let own = self.waiting.iter().position(|waiting| waiting.party == asker.party);
        if let Some(mut waiting) = own.and_then(|at| self.waiting.remove(at)) {
            waiting.step_back(&asker.member);
            self.waiting.push_back(waiting);
        }
    }

    /// Whether the party may have one more place: never the last one, where there are several, and
    /// all jobs together do not get it either. So nobody alone can keep others waiting.
    fn may(&self, party: &Party) -> bool {
        let most = self.most();
        let of_jobs = self.taken.iter().filter(|(_, taken)| taken.party.is_job).count();
        self.places_of(party) < most && !(party.is_job && of_jobs >= most)
    }

    /// Which of the party's members is next: the one with the fewest places. Where there are several
    /// members none has all places of the party, and so keeps the others waiting.
    fn next_member(&self, waiting: &Waiting<T>) -> Option<usize> {
        let taken = || self.taken.iter().filter(|(_, taken)| taken.party == waiting.party);
        let is_other = |name: &str| {
            waiting.members.iter().any(|it| it.name != name)
                || taken().any(|(_, it)| it.member != name)
        };
        let most = self.most();
        let most_of = |name: &str| if is_other(name) { (most - 1).max(1) } else { most };
        let places_of = |name: &str| taken().filter(|(_, it)| it.member == name).count();
        let members = waiting.members.iter().enumerate();
        let members = members.map(|(at, member)| (at, &*member.name, places_of(&member.name)));
        let may = members.filter(|(_, name, places)| *places < most_of(name));
        may.min_by_key(|(_, _, places)| *places).map(|(at, _, _)| at)
    }

    /// The most places of one party: not the last one, where there are several.
    const fn most(&self) -> usize {
        if self.places > 1 { self.places - 1 } else { 1 }
    }

    fn places_of(&self, party: &Party) -> usize {
        self.taken.iter().filter(|(_, taken)| taken.party == *party).count()
    }

    fn forget_empty(&mut self) {
        self.waiting.retain(|waiting| !waiting.members.is_empty());
    }
}

impl<T> Waiting<T> {
    fn len(&self) -> usize {
        self.members.iter().map(|member| member.requests.len()).sum()
    }

    fn join(&mut self, name: &str, id: Id, turn: T) {
        match self.members.iter_mut().find(|member| member.name == name) {
            Some(member) => member.requests.push_back((id, turn)),
            None => {
                let requests = VecDeque::from([(id, turn)]);
                self.members.push_back(Member { name: name.to_owned(), requests });
            }
        }
    }

    /// The next request of the member at this place, and the member's name.
    fn take(&mut self, at: usize) -> Option<(String, Id, T)> {
        let mut member = self.members.remove(at)?;
        let (id, turn) = member.requests.pop_front()?;
        let name = member.name.clone();
        if !member.requests.is_empty() {
            self.members.push_back(member);
        }
        Some((name, id, turn))
    }

    fn step_back(&mut self, name: &str) {
        let own = self.members.iter().position(|member| member.name == name);
        if let Some(member) = own.and_then(|at| self.members.remove(at)) {
            self.members.push_back(member);
        }
    }

    /// Takes out the latest request of the member that has the most; of this one, if it has as many.
    fn take_latest(&mut self, name: &str) -> Option<T> {
        let rank = |member: &Member<T>| (member.requests.len(), member.name == name);
        let longest = self.members.iter_mut().max_by_key(|member| rank(member))?;
        let (_, turn) = longest.requests.pop_back()?;
        self.members.retain(|member| !member.requests.is_empty());
        Some(turn)
    }

    fn leave(&mut self, id: Id) {
        for member in &mut self.members {
            member.requests.retain(|(waiting, _)| *waiting != id);
        }
        self.members.retain(|member| !member.requests.is_empty());
    }
}
