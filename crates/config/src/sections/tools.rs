//! `[tools]`: what models may use, and when they ask first.

use crate::reader::Reader;

/// `[tools]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolsConfig {
    /// The tools that models may use, each once.
    pub enabled: Vec<ToolName>,
    /// Which of them ask first.
    pub approve: ApproveTools,
}

/// A tool that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolName {
    /// Tells the time.
    CurrentTime,
    /// Searches the conversation's files.
    SearchFiles,
    /// Searches the chatbot's collections.
    SearchCollections,
    /// Gives the conversation another title.
    RenameConversation,
}

/// Which tools ask a person before they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApproveTools {
    /// Those that change something.
    Effects,
    /// All.
    Always,
    /// None.
    Never,
}

const TOOLS: [(&str, ToolName); 4] = [
    ("current_time", ToolName::CurrentTime),
    ("search_files", ToolName::SearchFiles),
    ("search_collections", ToolName::SearchCollections),
    ("rename_conversation", ToolName::RenameConversation),
];

const APPROVE: [(&str, ApproveTools); 3] = [
    ("effects", ApproveTools::Effects),
    ("always", ApproveTools::Always),
    ("never", ApproveTools::Never),
];

impl ToolsConfig {
    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        let mut enabled = Vec::new();
        let mut unknown = Vec::new();
        for given in r.list("tools.enabled") {
            match TOOLS.iter().find(|(name, _)| *name == given) {
                Some((_, tool)) if enabled.contains(tool) => {}
                Some((_, tool)) => enabled.push(*tool),
                None => unknown.push(given),
            }
        }
        if !unknown.is_empty() {
            r.refuse("tools.enabled", &expected(&unknown));
        }
        Self { enabled, approve: r.choice("tools.approve", &APPROVE, ApproveTools::Effects) }
    }
}

/// What is said of tools that there are not.
fn expected(unknown: &[String]) -> String {
    let names = TOOLS.map(|(name, _)| format!("{name:?}")).join(", ");
    let meant: Vec<String> =
        unknown.iter().filter_map(|given| nearest(given)).map(|name| format!("{name:?}")).collect();
    match &meant[..] {
        [] => format!("each to be one of {names}"),
        meant => format!("each to be one of {names} (did you mean {}?)", meant.join(" and ")),
    }
}

/// The name most like the given one, if any is alike.
fn nearest(given: &str) -> Option<&'static str> {
    let distance = |name: &str| strsim::damerau_levenshtein(given, name);
    let (distance, name) = TOOLS.iter().map(|(name, _)| (distance(name), *name)).min()?;
    (distance <= name.len() / 3).then_some(name)
}
