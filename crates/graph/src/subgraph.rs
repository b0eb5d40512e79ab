//! A graph as a node of another.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::FutureExt;

use crate::codec::{Body, Codec, Whole, snapshot};
use crate::ctx::RunShared;
use crate::driver::{Children, Driver, End, Place};
use crate::error::Failing;
use crate::frontier::Frontier;
use crate::graph::{NodeFn, Work};
use crate::journal::Text;
use crate::store::Seq;
use crate::task::{ToParent, guarded};
use crate::{
    Ctx, DEFAULT_STEP_LIMIT, Durable, Graph, GraphBuilder, Node, NodeError, Payload, State, Step,
    ThreadId, Worker, worker,
};

/// The steps of a nested graph, among the notes of the task that it runs in.
pub(crate) const STEP: &str = "step:";

/// What a nested graph that was stopped began from.
pub(crate) const BEGAN: &str = "began";

/// The states of persistent subgraphs in a nested graph, as JSON, by node.
type Inner = BTreeMap<String, Arc<str>>;

type Convert<A, B> = Arc<dyn Fn(A) -> B + Send + Sync>;

/// A graph over `C` to be used in one over `S`: how the context gets in and events get out. A
/// reference to a graph converts into it where the contexts are the same and the events convert.
pub struct Subgraph<S: State, C: State> {
    graph: Graph<C>,
    context: Convert<Arc<S::Context>, Arc<C::Context>>,
    event: Convert<C::Event, S::Event>,
}

impl<S: State, C: State> Subgraph<S, C> {
    /// Says how the context gets in and events get out.
    pub fn new(
        graph: &Graph<C>,
        context: impl Fn(Arc<S::Context>) -> Arc<C::Context> + Send + Sync + 'static,
        event: impl Fn(C::Event) -> S::Event + Send + Sync + 'static,
    ) -> Self {
        Self { graph: graph.clone(), context: Arc::new(context), event: Arc::new(event) }
    }
}

impl<S: State, C: State> Clone for Subgraph<S, C> {
    fn clone(&self) -> Self {
        let (context, event) = (Arc::clone(&self.context), Arc::clone(&self.event));
        Self { graph: self.graph.clone(), context, event }
    }
}

impl<S: State, C> From<&Graph<C>> for Subgraph<S, C>
where
    C: State<Context = S::Context>,
    C::Event: Into<S::Event>,
{
    fn from(graph: &Graph<C>) -> Self {
        Self::new(graph, |context| context, Into::into)
    }
}

impl<S: State> GraphBuilder<S> {
    /// Adds a graph as a node. Each call begins anew with what `into` makes of the state; what it
    /// ends with is an update by `out`, also when it was cancelled half-way.
    ///
    /// Its events carry paths under this node's. In a thread its steps are stored as they are done,
    /// and it goes on from the last after a crash, an interruption, or when it was stopped: what it
    /// had then is shown, and is merged once it is done, or when new input comes instead.
    pub fn subgraph<C: Durable>(
        &mut self,
        name: &'static str,
        graph: impl Into<Subgraph<S, C>>,
        into: impl Fn(&S) -> C + Send + Sync + 'static,
        out: impl Fn(C) -> S::Update + Send + Sync + 'static,
    ) -> Node<S> {
        let (graph, into, out) = (graph.into(), Arc::new(into), Arc::new(out));
        let inner = graph.graph.topology();
        let run: NodeFn<S> = Arc::new(move |ctx, _| {
            let (graph, into, out) = (graph.clone(), Arc::clone(&into), Arc::clone(&out));
            async move {
                let begin = || Ok((into(ctx.state()), Inner::new()));
                graph.call(&ctx, &begin, &*out, &|_, _| {}).await
            }
            .boxed()
        });
        self.add(name, Work::Subgraph { run, takes: None, inner, persistent: false })
    }

    /// Adds a graph as a worker: as [`Self::subgraph`], once for each payload.
    pub fn subgraph_worker<P: Payload, C: Durable>(
        &mut self,
        name: &'static str,
        graph: impl Into<Subgraph<S, C>>,
        into: impl Fn(&S, P) -> C + Send + Sync + 'static,
        out: impl Fn(C) -> S::Update + Send + Sync + 'static,
    ) -> Worker<S, P> {
        let (graph, into, out) = (graph.into(), Arc::new(into), Arc::new(out));
        let inner = graph.graph.topology();
        let run: NodeFn<S> = Arc::new(move |ctx, parcel| {
            let (graph, into, out) = (graph.clone(), Arc::clone(&into), Arc::clone(&out));
            async move {
                let payload = || worker::open::<P>(parcel.clone());
                let begin = || Ok((into(ctx.state(), payload()?), Inner::new()));
                graph.call(&ctx, &begin, &*out, &|_, _| {}).await
            }
            .boxed()
        });
        let decode = worker::decode::<P> as crate::graph::DecodeParcel;
        let takes = Some((decode, worker::type_name::<P>()));
        Worker::new(self.add(name, Work::Subgraph { run, takes, inner, persistent: false }))
    }

    /// Adds a graph whose state stays: each call goes on with the state in which the last one of
    /// the thread left it, and `input` enters it as an update. The state is stored whole with each
    /// call. Without a thread it stays for the run.
    pub fn persistent_subgraph<C: Durable + Default>(
        &mut self,
        name: &'static str,
        graph: impl Into<Subgraph<S, C>>,
        input: impl Fn(&S) -> C::Update + Send + Sync + 'static,
        out: impl Fn(C) -> S::Update + Send + Sync + 'static,
    ) -> Node<S> {
        let (graph, input, out) = (graph.into(), Arc::new(input), Arc::new(out));
        let inner = graph.graph.topology();
        let run: NodeFn<S> = Arc::new(move |ctx, _| {
            let (graph, input, out) = (graph.clone(), Arc::clone(&input), Arc::clone(&out));
            async move {
                let begin = || {
                    let (mut state, inner) = left::<S, C>(&ctx)?;
                    state.begin_step();
                    state.apply(input(ctx.state()))?;
                    Ok((state, inner))
                };
                let left = Arc::new(Mutex::new(None));
                let (keep, path) = (Arc::clone(&left), Arc::clone(ctx.path()));
                let leave = move |state: &C, inner: &Children| {
                    let inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
                    let whole = snapshot(Codec::<C>::of(), &path, state, &inner, None);
                    *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(whole);
                };
                let mut step = graph.call(&ctx, &begin, &*out, &leave).await?;
                let left = left.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(left) = left.transpose().map_err(NodeError::engine)? {
                    step.children.push((ctx.node().to_owned(), left.into()));
                }
                Ok(step)
            }
            .boxed()
        });
        self.add(name, Work::Subgraph { run, takes: None, inner, persistent: true })
    }
}

/// The state in which a persistent subgraph was left, and the states of those in it.
fn left<S: State, C: Durable + Default>(ctx: &Ctx<S>) -> Result<(C, Inner), NodeError> {
    let children = ctx.run.children.lock().unwrap_or_else(PoisonError::into_inner);
    let left = children.get(ctx.node()).cloned();
    drop(children);
    left.map_or_else(|| Ok((C::default(), Inner::new())), |left| read(&left))
}

/// A whole state as it is stored.
fn read<C: Durable>(whole: &str) -> Result<(C, Inner), NodeError> {
    let Whole { v, s, c, .. } = serde_json::from_str(whole)?;
    let state = (Codec::<C>::of().decode)(v, s.get()).map_err(NodeError::message)?;
    Ok((state, c.into_iter().map(|(name, json)| (name, Arc::from(json.get()))).collect()))
}

impl<S: State, C: Durable> Subgraph<S, C> {
    /// Runs the graph as one call of the node that `ctx` is of. `begin` says again what it began
    /// from when it is stopped; `leave` sees the state in which a call that was not stopped ends.
    async fn call(
        &self,
        ctx: &Ctx<S>,
        begin: &(dyn Fn() -> Result<(C, Inner), NodeError> + Send + Sync),
        out: &(dyn Fn(C) -> S::Update + Send + Sync),
        leave: &(dyn Fn(&C, &Children) + Send + Sync),
    ) -> Result<Step<S>, NodeError> {
        let began = match ctx.run.codec {
            Some(_) => ctx.run.journal.find(ctx.task.step, ctx.place(), BEGAN),
            None => Ok(None),
        };
        let began = began.map_err(NodeError::engine)?;
        let (mut first, inner) = begin()?;
        if let Some(began) = &began {
            first = read(began)?.0;
        }
        let mut driver = self.driver(ctx, first, Arc::new(Mutex::new(inner)))?;
        let base = ctx.run.journal.base();
        let mut origin = Beginning { ctx, begin, base, drops: began.is_none() };
        if origin.drops && ctx.task.is_apart {
            // Nobody waits for what is dropped there.
            origin.hold();
        }
        let end = Box::pin(driver.drive()).await;
        match &end {
            Ok(End::Done | End::Parent(_)) => {}
            // Its thread may be changed by hand before it goes on.
            Ok(End::Interrupted | End::Drained) if origin.drops => origin.keep(),
            _ if origin.drops => origin.hold(),
            _ => {}
        }
        origin.drops = false;
        let end = end.map_err(NodeError::engine)?;
        let state = || Arc::unwrap_or_clone(Arc::clone(&driver.state));
        match end {
            End::Done => {
                leave(&driver.state, &driver.run.children);
                Ok(Step::update(out(state())))
            }
            // The graph has gone to its end, if by another way: so does the one around it.
            End::Left(limit) => {
                leave(&driver.state, &driver.run.children);
                Ok(Step { out: Some(limit), ..Step::update(out(state())) })
            }
            End::Parent(step) => {
                leave(&driver.state, &driver.run.children);
                let step = step.downcast_ref::<Step<S>>().cloned();
                let step = step.map(|step| Step { out: driver.exhausted.or(step.out), ..step });
                step.ok_or_else(|| NodeError::permanent("a step for another graph's parent"))
            }
            // The steps so far are noted; the node begins again and goes on behind them.
            End::Interrupted | End::Drained => Err(NodeError(Box::new(Failing::Interrupted))),
            End::Cancelled => {
                keep(ctx, out(state()));
                Err(NodeError(Box::new(Failing::Cancelled)))
            }
            End::Exhausted(limit) => {
                keep(ctx, out(state()));
                Err(NodeError(Box::new(Failing::Budget(limit))))
            }
        }
    }

    fn driver(&self, ctx: &Ctx<S>, begin: C, children: Children) -> Result<Driver<C>, NodeError> {
        let outer = &ctx.run;
        let (step, path) = (ctx.task.step, ctx.place().to_owned());
        let run = RunShared {
            graph: self.graph.clone(),
            context: (self.context)(Arc::clone(&outer.context)),
            cancel: ctx.cancel_token().clone(),
            sink: outer.sink.nested(Arc::clone(ctx.path()), Arc::clone(&self.event)),
            journal: outer.journal.nested(step, &path),
            codec: outer.codec.map(|_| Codec::<C>::of()),
            strict: self.graph.0.strict,
            meter: Arc::clone(&ctx.task.meter),
            thread: Arc::clone(&outer.thread),
            keys: Arc::clone(&outer.keys),
            // So that what it had reaches the parent before the parent's own grace is over.
            grace: outer.grace.mul_f64(0.8),
            places: outer.places.clone(),
            seed: outer.seed,
            scripted: Arc::default(),
            prefix: format!("{}/", ctx.path()).into(),
            control: outer.control.clone(),
            children,
            parent: outer.codec.map(|codec| Arc::new(ToParent::of(outer, codec, ctx.path()))),
            above: outer.above.iter().cloned().chain([Arc::clone(&ctx.task) as _]).collect(),
        };
        let said = self.graph.0.step_limit.or(run.control.step_limit);
        let step_limit = said.unwrap_or(DEFAULT_STEP_LIMIT);
        let frontier = Frontier::entries(&self.graph.0, &run.prefix);
        let mut driver = Driver {
            state: Arc::new(begin),
            frontier,
            step: 0,
            shown: Vec::new(),
            step_limit,
            steps_left: step_limit,
            wall: None,
            exhausted: None,
            place: Some(Place { journal: outer.journal.clone(), step, path }),
            late: Vec::new(),
            claims: Vec::new(),
            since: Vec::new(),
            scratch: Vec::new(),
            run: Arc::new(run),
        };
        self.catch_up(&mut driver, ctx)?;
        Ok(driver)
    }

    /// Takes in the steps that were done in an earlier life of the call.
    fn catch_up(&self, driver: &mut Driver<C>, ctx: &Ctx<S>) -> Result<(), NodeError> {
        let (Some(codec), Some(place)) = (driver.run.codec, &driver.place) else { return Ok(()) };
        let at = place.journal.full_path(place.step, &place.path);
        let thread = ThreadId::from(&*ctx.run.thread);
        let steps: BTreeMap<_, _> = place.journal.all(STEP).into_iter().collect();
        for ((path, _), note) in steps {
            if path != at {
                continue;
            }
            let note = note.make().map_err(NodeError::engine)?;
            let body: Body = serde_json::from_str(&note)?;
            let state = Arc::make_mut(&mut driver.state);
            state.begin_step();
            for update in body.w.iter().flat_map(|written| &written.u) {
                let update = (codec.decode_update)(body.v, update).map_err(NodeError::message)?;
                state.apply(update)?;
            }
            driver.frontier =
                Frontier::read(&driver.run.graph.0, &thread, &driver.run.prefix, &body)
                    .map_err(NodeError::engine)?;
            let mut children = driver.run.children.lock().unwrap_or_else(PoisonError::into_inner);
            children.extend(body.c.into_iter().map(|(name, json)| (name, json.get().into())));
            drop(children);
            driver.exhausted = body.x;
            driver.step += 1;
            driver.steps_left = driver.steps_left.saturating_sub(1);
        }
        if driver.exhausted.is_some() {
            driver.run.meter.leave();
        }
        Ok(())
    }
}

/// What a graph begins from. It is held where the graph does not end: the state may be another when
/// its node is due again, and the steps so far are of this one.
struct Beginning<'a, S: State, C: Durable> {
    ctx: &'a Ctx<S>,
    begin: &'a (dyn Fn() -> Result<(C, Inner), NodeError> + Send + Sync),
    /// The checkpoint that the step starts from.
    base: Seq,
    /// Whether that is to be held if the graph is dropped.
    drops: bool,
}

impl<S: State, C: Durable> Beginning<'_, S, C> {
    /// For whoever ends the step in this run.
    fn hold(&self) {
        let Some(whole) = self.whole() else { return };
        self.ctx.run.journal.hold(self.ctx.task.step, self.ctx.place(), BEGAN, whole);
    }

    /// For another run.
    fn keep(&self) {
        let Some(whole) = self.whole() else { return };
        self.ctx.run.journal.put_later(self.ctx.task.step, self.ctx.place(), BEGAN, whole);
    }

    /// None where there is nothing to be kept for, as after the step's end: who is dropped may be
    /// dropped late.
    fn whole(&self) -> Option<Text> {
        let run = &self.ctx.run;
        if run.codec.is_none() || run.journal.base() != self.base {
            return None;
        }
        let path = Arc::clone(self.ctx.path());
        // It has begun like that once, so it does again.
        let Ok(Ok((began, _))) = guarded(&path, self.begin) else { return None };
        Some(Text::later(Arc::clone(&path), move || {
            snapshot(Codec::<C>::of(), &path, &began, &Inner::new(), None)
        }))
    }
}

impl<S: State, C: Durable> Drop for Beginning<'_, S, C> {
    fn drop(&mut self) {
        if self.drops {
            self.hold();
        }
    }
}

/// Keeps what a stopped graph had, for its node.
fn keep<S: State>(ctx: &Ctx<S>, update: S::Update) {
    ctx.task.listens.store(true, Ordering::Relaxed);
    let mut partial = ctx.task.partial.lock().unwrap_or_else(PoisonError::into_inner);
    *partial = Some(Box::new(move || update));
}
