//! Running the due tasks together, to their end or until they are to stop.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Driver, End};
use crate::task::{Ended, Had, Task, scramble};
use crate::{GraphError, Limit, State};

/// How the tasks of a step ended, by their place in the frontier.
pub(super) struct Executed<S: State> {
    pub(super) ended: Vec<Ended<S>>,
    /// Why the run ends with this step, if it does.
    pub(super) stop: Option<End>,
}

/// A join that may go on before all its branches have arrived.
struct Watch {
    join: usize,
    deadline: Option<Instant>,
    quorum: Option<u32>,
    arrived: u32,
    /// The tasks that can lead to it.
    tasks: Vec<usize>,
    over: bool,
    /// Its deadline has dropped branches.
    lapsed: bool,
}

impl Watch {
    fn has_quorum(&self) -> bool {
        self.quorum.is_some_and(|quorum| self.arrived >= quorum)
    }
}

impl<S: State> Driver<S> {
    /// Runs the due tasks on one snapshot. The first failure, and the end of the budget, stop the
    /// others; a question does not.
    pub(super) async fn execute(&mut self) -> Result<Executed<S>, GraphError> {
        let is_new = self.run.journal.is_blank();
        if let Some((_, limit)) = self.wall().filter(|(at, _)| is_new && *at <= Instant::now()) {
            // Nodes that are always ready leave no time to look at the clock beside them. Those that
            // have finished in an earlier life of the step are recalled.
            let stopped = self.frontier.due.iter().map(|_| Ended::Stopped(Had::nothing()));
            return self.judge(stopped.collect(), Some(limit)).await;
        }
        let watches = self.watches();
        if self.frontier.due.len() == 1 && watches.is_empty() && self.wall().is_none() {
            return match self.task(0, self.run.cancel.clone(), None).run().await {
                Ended::Failed(error) => Err(error),
                ended => self.judge(vec![ended], None).await,
            };
        }
        let mut watches = watches;
        let executed = self.execute_many(&mut watches).await?;
        for Watch { join, .. } in watches.iter().filter(|watch| watch.lapsed) {
            // It goes on also when no branch was there in time.
            if !self.frontier.waiting.iter().any(|(waiting, _)| waiting == join) {
                self.frontier.waiting.push((*join, 0));
            }
        }
        Ok(executed)
    }

    async fn execute_many(&self, watches: &mut [Watch]) -> Result<Executed<S>, GraphError> {
        let all = self.run.cancel.child_token();
        let count = self.frontier.due.len();
        let alone = |_| if watches.is_empty() { all.clone() } else { all.child_token() };
        let tokens: Vec<CancellationToken> = (0..count).map(alone).collect();
        let places = self.places();
        let mut running = FuturesUnordered::new();
        let mut ended: Vec<Option<Ended<S>>> = (0..count).map(|_| None).collect();
        // A join's time may be up before its last branches begin.
        let now = Instant::now();
        if watches.iter().filter_map(|watch| watch.deadline).any(|deadline| deadline < now) {
            self.lapse(watches, &tokens, &all, &ended)?;
        }
        for at in self.order(count) {
            if tokens[at].is_cancelled() && !self.run.cancel.is_cancelled() {
                ended[at] = Some(Ended::Stopped(Had::nothing()));
                continue;
            }
            let task = self.task(at, tokens[at].clone(), places[at].clone());
            running.push(async move { (at, task.run().await) });
        }
        let (mut failed, mut limit) = (None, None);
        loop {
            let late = watches.iter().filter(|watch| !watch.over).filter_map(|w| w.deadline).min();
            // A step that is being stopped is not waited for.
            let late = late.filter(|_| !all.is_cancelled());
            let wall = self.wall().filter(|_| limit.is_none());
            tokio::select! {
                biased;
                next = running.next() => {
                    let Some((at, task)) = next else { break };
                    match &task {
                        Ended::Exhausted(reached, _) => {
                            limit.get_or_insert(*reached);
                            all.cancel();
                        }
                        Ended::Returned(returned) if !returned.diverted => {
                            self.arrive(at, watches, &tokens);
                        }
                        Ended::Failed(_) => all.cancel(),
                        _ => {}
                    }
                    match task {
                        // The others may fail because they are being stopped.
                        Ended::Failed(error) => failed = failed.or(Some(error)),
                        task => ended[at] = Some(task),
                    }
                }
                () = until(wall.map(|(at, _)| at)) => {
                    limit = wall.map(|(_, limit)| limit);
                    all.cancel();
                }
                () = until(late) => {
                    if let Err(error) = self.lapse(watches, &tokens, &all, &ended) {
                        failed = failed.or(Some(error));
                    }
                }
            }
        }
        drop(running);
        if let Some(error) = failed {
            return Err(error);
        }
        // A branch that a join does not wait for is not due again, and is not waited for by asking.
        let met = watches.iter().filter(|watch| watch.lapsed || watch.has_quorum());
        let drained = self.is_drained();
        for &task in met.flat_map(|watch| &watch.tasks) {
            let waits = drained && matches!(ended[task], Some(Ended::Interrupted(_)));
            ended[task] = ended[task].take().map(|it| if waits { it } else { it.dropped() });
        }
        let ended = ended.into_iter().map(|task| task.unwrap_or(Ended::Stopped(Had::nothing())));
        self.judge(ended.collect(), limit).await
    }

    /// When the run's time is up. A way out that is being taken has all the time it needs.
    fn wall(&self) -> Option<(Instant, Limit)> {
        self.wall.filter(|_| self.exhausted.is_none())
    }

    /// Whether the run is to stop at the next barrier: graphs in it may have done so already.
    pub(super) fn is_drained(&self) -> bool {
        self.run.control.signs.drain.load(Ordering::Relaxed)
    }

    fn task(
        &self,
        at: usize,
        cancel: CancellationToken,
        places: Option<Arc<Semaphore>>,
    ) -> Task<S> {
        let yields = self.schedule().map_or(0, |seed| {
            let mixed = scramble(seed ^ scramble(at as u64));
            u32::try_from(mixed % 7).unwrap_or(0)
        });
        Task {
            run: Arc::clone(&self.run),
            state: Arc::clone(&self.state),
            due: self.frontier.due[at].clone(),
            step: self.step,
            cancel,
            noted: self.frontier.due.len() > 1,
            places,
            yields,
        }
    }

    /// In tests: what the order of the step's tasks comes from, another in each graph and step.
    fn schedule(&self) -> Option<u64> {
        let seed = scramble(self.run.control.schedule? ^ u64::from(self.step));
        Some(self.run.prefix.bytes().fold(seed, |seed, byte| scramble(seed ^ u64::from(byte))))
    }

    /// The order in which tasks begin.
    fn order(&self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        if let Some(seed) = self.schedule() {
            order.sort_by_key(|&at| scramble(seed ^ scramble(at as u64)));
        }
        order
    }

    /// For each task what limits its kind's concurrency.
    fn places(&self) -> Vec<Option<Arc<Semaphore>>> {
        let mut kinds: Vec<(usize, Arc<Semaphore>)> = Vec::new();
        let due = self.frontier.due.iter();
        due.map(|due| {
            let limit = self.run.graph.0.nodes[due.node].tune.concurrency?;
            if let Some((_, places)) = kinds.iter().find(|(node, _)| *node == due.node) {
                return Some(Arc::clone(places));
            }
            let places = Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
            kinds.push((due.node, Arc::clone(&places)));
            Some(places)
        })
        .collect()
    }

    /// The joins with a deadline or quorum that tasks of this step can lead to.
    fn watches(&mut self) -> Vec<Watch> {
        let graph = Arc::clone(&self.run.graph.0);
        let mut watches = Vec::new();
        for &join in &graph.joins {
            let spec = &graph.nodes[join];
            let Some(policy) = spec.join else { continue };
            let due = &self.frontier.due;
            let tasks: Vec<usize> =
                (0..due.len()).filter(|&at| graph.reach.has(due[at].node, join)).collect();
            if policy.deadline.is_none() && policy.quorum.is_none() || tasks.is_empty() {
                continue;
            }
            // After a resume a branch may have arrived in an earlier life.
            let has_arrived = self.frontier.waiting.iter().any(|(waiting, _)| *waiting == join);
            let begun = has_arrived || due.iter().any(|due| spec.joins.contains(&due.node));
            let waited = self.since.iter().find(|(waiting, _)| *waiting == join);
            let since = match waited {
                Some((_, since)) => Some(*since),
                None if begun => {
                    let now = Instant::now();
                    self.since.push((join, now));
                    Some(now)
                }
                None => None,
            };
            let deadline = policy.deadline.and_then(|limit| since?.checked_add(limit));
            let waiting = self.frontier.waiting.iter().find(|(waiting, _)| *waiting == join);
            let most = policy.quorum.map_or(u32::MAX, |quorum| quorum.saturating_sub(1));
            watches.push(Watch {
                join,
                deadline,
                quorum: policy.quorum,
                // A join that has what it asks for has dropped what leads to it, unless the step was
                // stopped before: then one more has to arrive.
                arrived: waiting.map_or(0, |(_, arrived)| *arrived).min(most),
                tasks,
                over: false,
                lapsed: false,
            });
        }
        watches
    }

    /// A task has returned: a join may have its quorum.
    fn arrive(&self, at: usize, watches: &mut [Watch], tokens: &[CancellationToken]) {
        let node = self.frontier.due[at].node;
        for watch in watches {
            if !self.run.graph.0.nodes[watch.join].joins.contains(&node) || watch.over {
                continue;
            }
            watch.arrived += 1;
            if watch.has_quorum() {
                watch.over = true;
                watch.tasks.iter().for_each(|&late| tokens[late].cancel());
            }
        }
    }

    /// A deadline has passed: the late branches are dropped, or the run fails.
    fn lapse(
        &self,
        watches: &mut [Watch],
        tokens: &[CancellationToken],
        all: &CancellationToken,
        ended: &[Option<Ended<S>>],
    ) -> Result<(), GraphError> {
        let now = Instant::now();
        if all.is_cancelled() {
            return Ok(());
        }
        for watch in watches {
            if watch.over || watch.deadline.is_none_or(|deadline| deadline > now) {
                continue;
            }
            watch.over = true;
            let spec = &self.run.graph.0.nodes[watch.join];
            let Some(policy) = spec.join else { continue };
            // One that asks is late where the join goes on without the late. One that is drained
            // looks the same, and has had no time: the join waits until the run goes on. One that
            // another join has dropped does not come any more.
            let counts = policy.proceed && !self.is_drained();
            let is_late = |task: usize| match &ended[task] {
                None => !tokens[task].is_cancelled(),
                Some(ended) => counts && matches!(ended, Ended::Interrupted(_)),
            };
            if !watch.tasks.iter().any(|&task| is_late(task)) {
                continue;
            }
            if !policy.proceed {
                all.cancel();
                let deadline = policy.deadline.unwrap_or_default();
                return Err(GraphError::JoinDeadline { node: spec.name, deadline });
            }
            watch.lapsed = true;
            watch.tasks.iter().for_each(|&late| tokens[late].cancel());
        }
        Ok(())
    }

    /// Says what the tasks' ends mean for the run.
    async fn judge(
        &self,
        mut ended: Vec<Ended<S>>,
        limit: Option<Limit>,
    ) -> Result<Executed<S>, GraphError> {
        let limit = limit.or_else(|| {
            ended.iter().find_map(|task| match task {
                Ended::Exhausted(limit, _) => Some(*limit),
                _ => None,
            })
        });
        let stopped = || ended.iter().any(|task| matches!(task, Ended::Stopped(_)));
        let stop = match limit {
            Some(limit) => self.divert(&mut ended, limit).await?,
            // A task that returned although the run was cancelled has still returned.
            None if self.run.cancel.is_cancelled() && stopped() => Some(End::Cancelled),
            None => None,
        };
        Ok(Executed { ended, stop })
    }

    /// The budget is used up: tasks that were stopped by it take their way out. Without one, the
    /// run ends.
    async fn divert(
        &self,
        ended: &mut [Ended<S>],
        limit: Limit,
    ) -> Result<Option<End>, GraphError> {
        let mut diverted = false;
        for (at, task) in ended.iter_mut().enumerate() {
            let (Ended::Stopped(had) | Ended::Exhausted(_, had)) = task else { continue };
            let node = self.frontier.due[at].node;
            let Some(out) = self.run.graph.0.nodes[node].tune.on_budget else { continue };
            self.run.meter.leave();
            let had = std::mem::replace(had, Had::nothing());
            let runner = self.task(at, self.run.cancel.clone(), None);
            *task = match runner.leave(out, limit, had).await {
                Ended::Failed(error) => return Err(error),
                left => left,
            };
            diverted = true;
        }
        Ok((!diverted).then_some(End::Exhausted(limit)))
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
