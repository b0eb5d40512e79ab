//! What is wrong with the whole: found by looking at every node and where it leads.

use super::together::parallel_writers;
use crate::graph::{Exit, NodeSpec, Work, successors};
use crate::reach::Reach;
use crate::{Field, FieldSet, Issue, Reducer, State, Warning};

type Names = Vec<&'static str>;

/// The nodes as bare shape.
struct Shape {
    names: Names,
    entries: Vec<usize>,
    /// Every place a node can lead to; `None` is the end.
    targets: Vec<Vec<Option<usize>>>,
    /// Whether the node is inside a lane.
    inner: Vec<bool>,
}

/// Everything that is wrong.
pub(super) fn issues<S: State>(nodes: &[NodeSpec<S>], entries: &[usize]) -> Vec<Issue> {
    let mut inner = vec![false; nodes.len()];
    for node in nodes {
        if let Work::Lane(members) = &node.work {
            members.iter().for_each(|&member| inner[member] = true);
        }
    }
    let shape = Shape {
        names: nodes.iter().map(|node| node.name).collect(),
        entries: entries.to_vec(),
        targets: nodes.iter().map(NodeSpec::targets).collect(),
        inner,
    };
    let mut issues = shape.names();
    if S::FIELDS.len() > FieldSet::MAX {
        issues.push(Issue::TooManyFields { fields: S::FIELDS.len() });
    }
    if entries.is_empty() {
        // Every node would be unreachable as well: that adds nothing.
        issues.push(Issue::NoEntry);
    } else {
        issues.extend(shape.unreachable(nodes));
    }
    issues.extend(shape.dead_ends(nodes));
    issues.extend(shape.no_exit(nodes));
    issues.extend(joins(nodes, &shape));
    issues.extend(lanes(nodes, &shape));
    issues.extend(caches(nodes));
    issues.extend(unknown_fields(nodes));
    issues
}

/// Everything that is probably wrong.
pub(super) fn warnings<S: State>(
    nodes: &[NodeSpec<S>],
    entries: &[usize],
    step_limit: Option<u32>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if step_limit.is_none() {
        warnings.extend(cycles(nodes).map(|nodes| Warning::UnboundedLoop { nodes }));
    }
    let endless = endless(nodes);
    if !endless.is_empty() {
        warnings.push(Warning::EndlessLoop { nodes: endless });
    }
    let bits = |names: &[&str]| {
        let fields = (0..).zip(S::FIELDS);
        let is_set = |field: &Field| field.reducer == Reducer::Set;
        let bits = fields.map(|(at, field)| (at, is_set(field) && names.contains(&field.name)));
        bits.fold(FieldSet::default(), |set, (at, there)| set.with(at, there))
    };
    let declared = (0..).zip(nodes).filter(|(_, node)| !node.tune.writes.is_empty());
    let writers: Vec<_> = declared.map(|(at, node)| (at, bits(&node.tune.writes))).collect();
    if !writers.is_empty() {
        warnings.extend(parallel_writers(nodes, entries, &writers));
    }
    warnings
}

/// The nodes of each cycle, by name; cycles that share a node are one.
fn cycles<S: State>(nodes: &[NodeSpec<S>]) -> impl Iterator<Item = Names> {
    let reach = Reach::new(&successors(nodes));
    let mutual = move |a: usize, b: usize| reach.has(a, b) && reach.has(b, a);
    (0..nodes.len()).filter_map(move |first| {
        let all = (0..nodes.len()).filter(|&node| mutual(first, node));
        let all: Vec<usize> = all.collect();
        if all.first() != Some(&first) {
            return None;
        }
        let mut names: Names = all.into_iter().map(|node| nodes[node].name).collect();
        names.sort_unstable();
        Some(names)
    })
}

/// The nodes of cycles that no way out ends. All edges of a node are followed, and of a route one
/// choice: a node can end when all that it leads to then can. So does one that chooses where it
/// goes, one whose failure or used-up budget somebody takes over, and one that a join can drop.
/// What a node does is not known: it may fail, or hand a step to a parent.
fn endless<S: State>(nodes: &[NodeSpec<S>]) -> Names {
    let reach = Reach::new(&successors(nodes));
    let drops = |&join: &usize| {
        let policy = nodes[join].join;
        policy.is_some_and(|policy| policy.quorum.is_some() || policy.deadline.is_some())
    };
    let dropping: Vec<usize> = (0..nodes.len()).filter(drops).collect();
    let is_dropped = |node: usize| dropping.iter().any(|&join| reach.has(node, join));
    let mut ends: Vec<bool> =
        (0..nodes.len()).map(|node| nodes[node].exits.is_empty() || is_dropped(node)).collect();
    loop {
        let more = (0..ends.len()).filter(|&node| !ends[node] && can_end(&nodes[node], &ends));
        let more: Vec<usize> = more.collect();
        if more.is_empty() {
            break;
        }
        more.into_iter().for_each(|node| ends[node] = true);
    }
    let endless = (0..ends.len()).filter(|&node| !ends[node] && reach.has(node, node));
    let mut names: Names = endless.map(|node| nodes[node].name).collect();
    names.sort_unstable();
    names
}

/// Whether a run that is in the node can end, when it can in these.
fn can_end<S: State>(node: &NodeSpec<S>, ends: &[bool]) -> bool {
    let all = |targets: &[Option<usize>]| targets.iter().flatten().all(|&target| ends[target]);
    let by_exits = node.exits.iter().all(|exit| match exit {
        Exit::Edge(target) => all(&[*target]),
        Exit::Route { table, .. } => table.iter().any(|(_, targets)| all(targets)),
    });
    let ways_out = [node.tune.on_error, node.tune.on_budget];
    by_exits || ways_out.into_iter().flatten().any(|target| ends[target])
}

/// Fields that nodes say they write and that the state does not have.
fn unknown_fields<S: State>(nodes: &[NodeSpec<S>]) -> impl Iterator<Item = Issue> {
    nodes.iter().flat_map(|node| {
        let unknown = node.tune.writes.iter();
        let unknown = unknown.filter(|name| S::FIELDS.iter().all(|field| field.name != **name));
        unknown.map(|&field| Issue::UnknownField { node: node.name, field })
    })
}

impl Shape {
    fn names(&self) -> Vec<Issue> {
        let bad = |name: &&str| name.is_empty() || name.contains(['/', ':', '[', ']', '#']);
        let bad = self.names.iter().copied().filter(bad).map(|name| Issue::BadName { name });
        let mut sorted = self.names.clone();
        sorted.sort_unstable();
        let mut twice: Names =
            sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        twice.dedup();
        bad.chain(twice.into_iter().map(|name| Issue::DuplicateName { name })).collect()
    }

    fn unreachable<S: State>(&self, nodes: &[NodeSpec<S>]) -> Vec<Issue> {
        let mut reached = self.inner.clone();
        let mut open = self.entries.clone();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut reached[node], true) {
                open.extend(self.targets[node].iter().flatten());
            }
        }
        let lost = (0..nodes.len()).filter(|&node| !reached[node]);
        lost.map(|node| {
            let takes_payload = nodes[node].work.decode().is_some();
            let sent_to = nodes
                .iter()
                .any(|other| other.sends.contains(&node) || other.tune.on_error == Some(node));
            if takes_payload && !sent_to {
                Issue::NoSender { worker: nodes[node].name }
            } else {
                Issue::Unreachable { node: nodes[node].name }
            }
        })
        .collect()
    }

    fn dead_ends<S: State>(&self, nodes: &[NodeSpec<S>]) -> Vec<Issue> {
        let dead = |&node: &usize| {
            let goes = nodes[node].goes.is_empty() && nodes[node].sends.is_empty();
            nodes[node].exits.is_empty() && goes && !self.inner[node]
        };
        let dead = (0..nodes.len()).filter(dead);
        dead.map(|node| Issue::DeadEnd { node: nodes[node].name }).collect()
    }

    /// The nodes from which every path goes on for ever. A path into a dead end does end, and is
    /// reported as that; so does one out of a node that chooses where it goes.
    fn no_exit<S: State>(&self, nodes: &[NodeSpec<S>]) -> Option<Issue> {
        let mut ends: Vec<bool> = nodes
            .iter()
            .zip(&self.targets)
            .map(|(node, to)| node.exits.is_empty() || to.contains(&None))
            .collect();
        loop {
            let leads_out = |to: &Vec<Option<usize>>| to.iter().flatten().any(|&to| ends[to]);
            let more: Vec<usize> = (0..ends.len())
                .filter(|&node| !ends[node] && leads_out(&self.targets[node]))
                .collect();
            if more.is_empty() {
                break;
            }
            more.into_iter().for_each(|node| ends[node] = true);
        }
        let mut nodes: Names =
            (0..ends.len()).filter(|&n| !ends[n]).map(|n| self.names[n]).collect();
        nodes.sort_unstable();
        (!nodes.is_empty()).then_some(Issue::NoExit { nodes })
    }
}

/// What a persistent subgraph remembers is its thread's, and what a cache keeps is everybody's.
fn caches<S: State>(nodes: &[NodeSpec<S>]) -> impl Iterator<Item = Issue> {
    let bad = nodes.iter().filter(|node| {
        matches!(node.work, Work::Subgraph { persistent: true, .. }) && node.tune.cache.is_some()
    });
    bad.map(|node| Issue::CachedMemory { node: node.name })
}

fn joins<S: State>(nodes: &[NodeSpec<S>], shape: &Shape) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let Some(policy) = node.join else { continue };
        if node.joins == [at] {
            issues.push(Issue::SelfJoin { join: node.name });
        }
        if let Some(quorum) = policy.quorum
            && (quorum == 0 || quorum as usize > node.joins.len())
            && !node.joins.iter().any(|&parent| nodes[parent].work.decode().is_some())
        {
            let parents = node.joins.len();
            issues.push(Issue::Quorum { join: node.name, quorum, parents });
        }
        if excluded(nodes, shape, &node.joins) {
            let parents = node.joins.iter().map(|&parent| nodes[parent].name).collect();
            issues.push(Issue::ExclusiveJoin { join: node.name, parents });
        }
    }
    issues
}

/// Whether one route decides between all of `parents`, and nothing else leads to them.
fn excluded<S: State>(nodes: &[NodeSpec<S>], shape: &Shape, parents: &[usize]) -> bool {
    if parents.len() < 2 || parents.iter().any(|parent| shape.entries.contains(parent)) {
        return false;
    }
    let into = |target: usize| {
        (0..nodes.len()).filter(move |&node| shape.targets[node].contains(&Some(target)))
    };
    let Some(router) = into(parents[0]).next() else { return false };
    if !parents.iter().all(|&parent| into(parent).eq([router])) {
        return false;
    }
    let spec = &nodes[router];
    // One that runs several times may choose otherwise each time.
    if spec.work.decode().is_some() || Reach::new(&successors(nodes)).has(router, router) {
        return false;
    }
    let by_itself = |parent: &usize| spec.goes.contains(parent) || spec.sends.contains(parent);
    let [Exit::Route { table, .. }] = spec.exits.as_slice() else { return false };
    !parents.iter().any(by_itself)
        && table
            .iter()
            .all(|(_, to)| parents.iter().filter(|&&parent| to.contains(&Some(parent))).count() < 2)
}

fn lanes<S: State>(nodes: &[NodeSpec<S>], shape: &Shape) -> Vec<Issue> {
    let mut issues = Vec::new();
    let mut bad = |lane, why: String| issues.push(Issue::BadLane { lane, why });
    let mut owned = vec![false; nodes.len()];
    for lane in nodes {
        let Work::Lane(members) = &lane.work else { continue };
        if members.is_empty() {
            bad(lane.name, "it has no nodes".into());
        }
        let tune = &lane.tune;
        let limits = tune.timeout.or(tune.idle_timeout).is_some() || tune.isolated;
        if limits || tune.retry.is_some() || tune.cache.is_some() || tune.budget.is_some() {
            bad(lane.name, "retries, limits and a cache are its nodes'".into());
        }
        for &member in members {
            let name = nodes[member].name;
            if !shape.targets[member].is_empty() || shape.entries.contains(&member) {
                bad(lane.name, format!("`{name}` has edges of its own"));
            }
            if (0..nodes.len()).any(|from| shape.targets[from].contains(&Some(member))) {
                bad(lane.name, format!("an edge leads to `{name}`"));
            }
            if std::mem::replace(&mut owned[member], true) {
                bad(lane.name, format!("`{name}` is in a lane twice"));
            }
            if nodes[member].work.decode().is_some() || matches!(nodes[member].work, Work::Lane(_))
            {
                bad(lane.name, format!("`{name}` is a worker or a lane"));
            }
        }
    }
    issues
}
