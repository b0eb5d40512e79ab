//! The barrier: what the tasks wrote is merged, and where they lead is collected.

use std::any::Any;
use std::sync::Arc;

use super::Driver;
use super::lead::follow;
use crate::codec::{Deed, Json, Kept, begin};
use crate::event::{Data, EventKind, Events};
use crate::frontier::{Due, Leads, Sending};
use crate::task::{Ended, Returned, guarded};
use crate::{FieldSet, GraphError, Limit, State, Step, Writes};

/// What becomes of a task.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It has returned, and leads on.
    Over,
    /// It was stopped and is due again; its step is what it had.
    Again,
    /// The run goes on without it; its step is what it had.
    Dropped,
}

/// What a task brings to the barrier.
struct Brought<S: State> {
    due: Due,
    step: Step<S>,
    fate: Fate,
    diverted: bool,
    attempt: u32,
    call: u64,
    cached: bool,
    /// Where its routes lead, where that had to be asked before merging.
    routed: Option<Leads>,
}

/// What is left to store.
pub(super) struct Parts<S: State> {
    pub(super) written: Written<S>,
    pub(super) children: Vec<(String, Arc<str>)>,
    pub(super) kept: Vec<Kept>,
}

/// What the tasks wrote.
pub(super) enum Written<S: State> {
    /// The beginning of the step's text.
    Begun(Json),
    /// What is made into text when it is stored.
    Typed(Vec<Deed<'static, S>>),
}

/// What is told of a task that has finished.
pub(super) struct Finish<E> {
    pub(super) path: Arc<str>,
    pub(super) attempt: u32,
    pub(super) call: u64,
    pub(super) kinds: Vec<EventKind<E>>,
}

/// What a barrier leads to, beside the state and the frontier.
pub(super) struct Merged<S: State> {
    /// Tasks were stopped and are due again: the step is not over.
    pub(super) again: bool,
    pub(super) body: Parts<S>,
    pub(super) parent: Option<Arc<dyn Any + Send + Sync>>,
    pub(super) out: Option<Limit>,
    /// Events of tasks that have not told their end yet: they wait for the commit.
    pub(super) finished: Vec<Finish<S::Event>>,
}

impl<S: State> Driver<S> {
    /// Merges what the tasks wrote. When the run is `stopping`, tasks that were stopped are due
    /// again, but for those that a join did not wait for.
    pub(super) fn barrier(
        &mut self,
        ended: Vec<Ended<S>>,
        stopping: bool,
    ) -> Result<Merged<S>, GraphError> {
        self.shown.clear();
        let due = std::mem::take(&mut self.frontier.due);
        let alone = due.len() == 1;
        let (mut tasks, out) = brought(due, ended, stopping)?;
        // What is gone on without has no last word: it is merged, and stored, before what counts.
        tasks.sort_by_key(|task| task.fate != Fate::Dropped);
        let to_parent = |task: &mut Brought<S>| {
            let parent = task.step.parent.take()?;
            Some((parent, Arc::clone(&task.due.path)))
        };
        if let Some((parent, path)) = tasks.iter_mut().find_map(to_parent) {
            if self.place.is_none() {
                let target = "a parent graph".to_owned();
                return Err(GraphError::Undeclared { path, target });
            }
            let written = Written::Typed(Vec::new());
            let body = Parts { written, children: Vec::new(), kept: Vec::new() };
            // What the task returned is noted, and told.
            let finished = Vec::new();
            return Ok(Merged { again: false, body, parent: Some(parent), out, finished });
        }
        // Those that returned before the step was stopped are siblings too.
        let beside = self.frontier.held.is_some() || !self.late.is_empty();
        if !alone || beside || !self.claims.is_empty() {
            // First: what is void is not stored, so no route may have seen it.
            refuse_rivals(&mut tasks, &mut self.claims)?;
            self.route_before_merging(&mut tasks)?;
        }
        let mut body = self.parts(&tasks)?;
        let finished = if alone { self.endings(&tasks) } else { Vec::new() };
        let again = tasks.iter().filter(|task| task.fate == Fate::Again);
        let again: Vec<Due> = again.map(|task| task.due.clone()).collect();
        if again.is_empty() {
            self.claims.clear();
        }
        self.merge(&mut tasks, !again.is_empty())?;
        let leads = self.leads(tasks)?;
        let (graph, prefix) = (&self.run.graph.0, &self.run.prefix);
        self.frontier = match again.is_empty() {
            true => leads.settle(graph, prefix),
            false => leads.hold(due_again(&again), graph, prefix),
        };
        body.kept = self.kept(&again)?;
        let frontier = &self.frontier;
        // A join that is due has waited: in a cycle it waits anew.
        self.since.retain(|(join, _)| {
            !frontier.due.iter().any(|due| due.node == *join)
                && (frontier.waiting.iter().any(|(waiting, _)| waiting == join)
                    || frontier.due.iter().any(|due| self.run.graph.0.reach.has(due.node, *join)))
        });
        Ok(Merged { again: !again.is_empty(), body, parent: None, out, finished })
    }

    /// Asks the routes of tasks with siblings: they see what their own task wrote, and nothing of
    /// the siblings.
    fn route_before_merging(&self, tasks: &mut [Brought<S>]) -> Result<(), GraphError> {
        for task in tasks.iter_mut().filter(|task| task.fate == Fate::Over && !task.diverted) {
            let spec = &self.run.graph.0.nodes[task.due.node];
            if !spec.has_routes() {
                continue;
            }
            let path = &task.due.path;
            let mut own = S::clone(&self.state);
            let applied = guarded(path, || {
                own.begin_step();
                task.step.updates.iter().try_for_each(|update| own.apply(update.clone()))
            })?;
            applied.map_err(|error| reduced(path, error))?;
            let mut leads = Leads::default();
            follow(&self.run.graph.0, &task.due, &own, &mut leads)?;
            task.routed = Some(leads);
        }
        Ok(())
    }

    /// Applies all updates, in the order of the tasks. Where tasks are due again, what lives for
    /// one step lives on for them, and what the others wrote of that kind is kept for what comes
    /// behind them. They write theirs again.
    fn merge(&mut self, tasks: &mut [Brought<S>], again: bool) -> Result<(), GraphError> {
        if self.place.is_none()
            && let Some(writer) = self.run.journal.writer()
        {
            writer.let_go();
        }
        // The tasks have returned their snapshots, so this copies nothing unless somebody reads
        // them still.
        let state = Arc::make_mut(&mut self.state);
        if let Some(task) = tasks.first().filter(|_| !again) {
            let path = &task.due.path;
            guarded(path, || state.begin_step())?;
            for update in self.late.drain(..) {
                guarded(path, || state.apply(update))?.map_err(|error| reduced(path, error))?;
            }
        }
        for task in tasks {
            let path = &task.due.path;
            for mut update in task.step.shown.drain(..) {
                let _fleeting = guarded(path, || S::take_ephemeral(&mut update))?;
                self.shown.push(update);
            }
            for mut update in task.step.updates.drain(..) {
                if again {
                    let late = guarded(path, || S::take_ephemeral(&mut update))?;
                    self.late.extend(late.filter(|_| task.fate != Fate::Again));
                }
                guarded(path, || state.apply(update))?.map_err(|error| reduced(path, error))?;
            }
        }
        Ok(())
    }

    /// The state with what stopped graphs had. It is not stored that way: they go on with it.
    pub(super) fn shown(&self) -> Result<Option<Arc<S>>, GraphError> {
        if self.shown.is_empty() {
            return Ok(None);
        }
        let path: Arc<str> = self.run.graph.name().into();
        let mut state = S::clone(&self.state);
        let applied = guarded(&path, || {
            self.shown.iter().try_for_each(|update| state.apply(update.clone()))
        })?;
        applied.map_err(|error| reduced(&path, error))?;
        Ok(Some(Arc::new(state)))
    }

    /// Where the tasks that have returned lead. One that was stopped leads nowhere: it is due
    /// again, or was dropped by a join that did not wait for it.
    fn leads(&self, tasks: Vec<Brought<S>>) -> Result<Leads, GraphError> {
        let graph = &self.run.graph.0;
        let mut leads = Leads::behind(&self.frontier);
        for task in tasks.into_iter().filter(|task| task.fate == Fate::Over) {
            let Brought { due, step, diverted, routed, .. } = task;
            match routed {
                Some(routed) => {
                    leads.pulls.extend(routed.pulls);
                    for (join, arrived) in routed.waiting {
                        leads.arrive(join, arrived);
                    }
                }
                None if diverted => {}
                None => follow(graph, &due, &self.state, &mut leads)?,
            }
            super::lead::by_itself(graph, &due, step, diverted, &mut leads)?;
        }
        Ok(leads)
    }

    /// What is to be stored of the tasks, before merging uses it up.
    fn parts(&mut self, tasks: &[Brought<S>]) -> Result<Parts<S>, GraphError> {
        let children: Vec<_> = tasks.iter().flat_map(|it| &it.step.children).cloned().collect();
        if !children.is_empty() {
            self.children().extend(children.iter().cloned());
        }
        let deeds = tasks.iter().filter_map(deed);
        let written = match self.run.codec {
            None => Written::Typed(Vec::new()),
            Some(codec) if self.run.journal.is_synced() => {
                let mut json = self.json();
                begin(&mut json, codec, deeds)?;
                Written::Begun(json)
            }
            Some(_) => Written::Typed(deeds.map(Deed::into_owned).collect()),
        };
        Ok(Parts { written, children, kept: Vec::new() })
    }

    /// What is told of tasks that ran alone, once their step is committed.
    fn endings(&self, tasks: &[Brought<S>]) -> Vec<Finish<S::Event>> {
        if !self.run.sink.wants(Events::TASKS) && !self.run.sink.wants(Events::UPDATES) {
            return Vec::new();
        }
        let ended = tasks.iter().filter(|task| task.fate == Fate::Over);
        ended
            .map(|task| {
                let mut kinds = Vec::with_capacity(1);
                if self.run.sink.wants(Events::UPDATES) {
                    let encode = self.run.codec.map(|codec| codec.value_of_update);
                    let updates = task.step.updates.iter().cloned();
                    let data = updates.map(|update| Data::new(Arc::new(update), encode));
                    kinds.extend(data.map(EventKind::Update));
                }
                kinds.push(EventKind::NodeFinished { cached: task.cached });
                let Brought { attempt, call, .. } = *task;
                Finish { path: Arc::clone(&task.due.path), attempt, call, kinds }
            })
            .collect()
    }
}

/// What the tasks bring, and the limit whose way out was taken, if one was.
fn brought<S: State>(
    due: Vec<Due>,
    ended: Vec<Ended<S>>,
    stopping: bool,
) -> Result<(Vec<Brought<S>>, Option<Limit>), GraphError> {
    let mut out = None;
    let mut tasks = Vec::with_capacity(due.len());
    for (due, ended) in due.into_iter().zip(ended) {
        let (returned, fate) = match ended {
            Ended::Returned(returned) => (returned, Fate::Over),
            Ended::Dropped(had) => (Returned::had(had), Fate::Dropped),
            // One that asks does so again. Where another takes a way out, it goes on without these.
            Ended::Stopped(had) | Ended::Exhausted(_, had) | Ended::Interrupted(had) => {
                (Returned::had(had), if stopping { Fate::Again } else { Fate::Dropped })
            }
            // Does not come to the barrier.
            Ended::Failed(error) => return Err(error),
        };
        out = out.or(returned.out);
        let Returned { mut step, attempt, call, diverted, cached, .. } = returned;
        if fate != Fate::Again {
            step.settle();
        }
        tasks.push(Brought { due, step, fate, diverted, attempt, call, cached, routed: None });
    }
    Ok((tasks, out))
}

/// Tasks that were stopped, as what is due.
fn due_again(again: &[Due]) -> Leads {
    let mut leads = Leads::default();
    for Due { node, parcel, timeout, .. } in again {
        match parcel.clone() {
            None => leads.pulls.push(*node),
            Some(parcel) => {
                leads.sends.push(Sending { node: *node, parcel, timeout: *timeout });
            }
        }
    }
    leads
}

/// What is stored of a task, if there is anything to say of it.
fn deed<S: State>(task: &Brought<S>) -> Option<Deed<'_, S>> {
    let Brought { step, fate, diverted, .. } = task;
    let partial = *fate != Fate::Over;
    let silent = step.updates.is_empty() && step.goto.is_empty() && !partial && !diverted;
    let deed = Deed::of(&task.due.path, step);
    (!silent).then_some(Deed { partial, diverted: *diverted, ..deed })
}

/// Fails when two tasks write what only one may, and drops what an overwrite makes void. `earlier`
/// are those that had returned when the step was stopped; those that have returned now join them. A
/// task that a join went on without is nobody's rival: what it has of the others' fields is void.
fn refuse_rivals<S: State>(
    tasks: &mut [Brought<S>],
    earlier: &mut Vec<(Arc<str>, Writes)>,
) -> Result<(), GraphError> {
    let mut claims: Vec<(Arc<str>, Writes)> = Vec::with_capacity(tasks.len());
    for task in &*tasks {
        let path = &task.due.path;
        let claim = match task.fate {
            Fate::Dropped => Writes::default(),
            Fate::Over | Fate::Again => guarded(path, || {
                let updates = task.step.updates.iter();
                updates.fold(task.step.claimed, |all, update| all.or(S::writes(update)))
            })?,
        };
        claims.push((Arc::clone(path), claim));
    }
    let (mut set, mut overwritten) = (FieldSet::default(), FieldSet::default());
    for (_, claim) in earlier.iter().chain(&claims) {
        let twice = claim.exclusive.and(set).or(claim.overwrite.and(overwritten));
        if let Some(field) = twice.first() {
            return Err(conflict::<S>(field, earlier.iter().chain(&claims)));
        }
        set = set.or(claim.exclusive);
        overwritten = overwritten.or(claim.overwrite);
    }
    for (task, (_, claim)) in tasks.iter_mut().zip(&claims) {
        let rivals = if task.fate == Fate::Dropped { set.or(overwritten) } else { overwritten };
        let void = FieldSet(rivals.0 & !claim.overwrite.0);
        if !void.is_empty() {
            task.step.updates.iter_mut().for_each(|update| S::forget(update, void));
        }
    }
    let over = tasks.iter().zip(claims).filter(|(task, _)| task.fate == Fate::Over);
    earlier.extend(over.map(|(_, claim)| claim).filter(|(_, it)| *it != Writes::default()));
    Ok(())
}

fn conflict<'a, S: State>(
    field: u32,
    claims: impl Iterator<Item = &'a (Arc<str>, Writes)>,
) -> GraphError {
    let writes = |claim: &Writes| claim.exclusive.has(field) || claim.overwrite.has(field);
    let writers = claims.filter(|(_, claim)| writes(claim));
    let mut writers: Vec<String> = writers.map(|(path, _)| path.to_string()).collect();
    // Of sends, one that goes on may have the place of one that has returned.
    writers.dedup();
    GraphError::Conflict {
        field: S::FIELDS.get(field as usize).map_or("?", |field| field.name),
        writers,
    }
}

fn reduced(path: &Arc<str>, error: crate::ReduceError) -> GraphError {
    GraphError::Reduce { path: Arc::clone(path), field: error.field, reason: error.reason }
}
