//! Nodes replaced by what a test says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;

use crate::graph::NodeFn;
use crate::store::Seq;
use crate::{Ctx, Graph, NodeError, State, Step};

/// What one node does instead of its work.
pub(super) struct Script<S: State> {
    path: String,
    act: Act<S>,
}

enum Act<S: State> {
    Outputs(Arc<[Step<S>]>),
    Call(NodeFn<S>),
}

/// A call of a node: the checkpoint and step that it is in, and its place there.
type Place = (Seq, u32, String);

impl<S: State> Script<S> {
    pub(super) fn outputs(graph: &Graph<S>, path: String, outputs: Vec<Step<S>>) -> Self {
        check(graph, &path);
        Self { path, act: Act::Outputs(outputs.into()) }
    }

    pub(super) fn act<F, Fut, O>(graph: &Graph<S>, path: String, act: F) -> Self
    where
        F: Fn(Ctx<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, NodeError>> + Send + 'static,
        O: Into<Step<S>>,
    {
        check(graph, &path);
        let act = move |ctx, _parcel| {
            let work = act(ctx);
            async move { work.await.map(Into::into) }.boxed()
        };
        Self { path, act: Act::Call(Arc::new(act)) }
    }

    /// The script from its beginning.
    pub(super) fn stage(&self) -> (String, NodeFn<S>) {
        let run: NodeFn<S> = match &self.act {
            Act::Call(act) => Arc::clone(act),
            Act::Outputs(outputs) => {
                let outputs = Arc::clone(outputs);
                let seen: Mutex<HashMap<Place, usize>> = Mutex::default();
                Arc::new(move |ctx: Ctx<S>, _parcel| {
                    let output = next(&ctx, &outputs, &seen);
                    std::future::ready(output).boxed()
                })
            }
        };
        (self.path.clone(), run)
    }
}

/// The output for a call: the one it had before, or the next.
fn next<S: State>(
    ctx: &Ctx<S>,
    outputs: &[Step<S>],
    seen: &Mutex<HashMap<Place, usize>>,
) -> Result<Step<S>, NodeError> {
    let place = (ctx.run.journal.base(), ctx.step(), ctx.path().to_string());
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let calls = seen.len();
    let at = *seen.entry(place).or_insert(calls);
    outputs.get(at).cloned().ok_or_else(|| {
        let why = format!("the script of `{}` ends after {} calls", ctx.path(), outputs.len());
        NodeError::permanent(why)
    })
}

fn check<S: State>(graph: &Graph<S>, path: &str) {
    let node = path.rsplit('/').next().unwrap_or(path);
    let node = node.split('[').next().unwrap_or(node);
    assert!(graph.0.find(node).is_some(), "graph `{}` has no node `{path}`", graph.name());
}
