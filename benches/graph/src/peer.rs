//! LangGraph, in a Python process of its own that does one piece of work for each line it is sent.

use std::io::{BufRead, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result, io};
use crate::figures::Sample;

/// How the process is started.
#[derive(Debug, Clone)]
pub(crate) struct Python {
    /// An interpreter that has LangGraph.
    pub(crate) interpreter: PathBuf,
    /// `langgraph_bench.py`.
    pub(crate) script: PathBuf,
}

impl Python {
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.interpreter);
        command.arg(&self.script);
        command
    }
}

/// The process; killed when dropped.
#[derive(Debug)]
pub(crate) struct Peer {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What it says of a piece of work.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    #[serde(flatten)]
    pub(crate) sample: Sample,
    /// Whatever else was asked for.
    #[serde(default)]
    pub(crate) more: Map<String, Value>,
}

impl Answer {
    /// A further figure.
    pub(crate) fn figure(&self, name: &'static str) -> Result<f64> {
        let figure = self.more.get(name).and_then(Value::as_f64);
        figure.ok_or_else(|| Error::Process { what: "LangGraph", said: format!("no {name}") })
    }
}

impl Peer {
    pub(crate) fn start(python: &Python) -> Result<Self> {
        let mut child = python
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(io("starting Python"))?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Process { what: "Python", said: "no pipes".to_owned() });
        };
        Ok(Self { child, requests, answers: BufReader::new(answers) })
    }

    /// Which versions these are.
    pub(crate) fn versions(&mut self) -> Result<String> {
        let answer = self.ask(&json!({"bench": "versions"}))?;
        let versions = answer.more.get("versions").and_then(Value::as_str);
        Ok(versions.unwrap_or_default().to_owned())
    }

    /// Does a piece of work once.
    pub(crate) fn ask(&mut self, work: &Value) -> Result<Answer> {
        writeln!(self.requests, "{work}").map_err(io("asking Python"))?;
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(io("reading from Python"))?;
        if line.is_empty() {
            // It has said why on standard error.
            return Err(Error::Process { what: "LangGraph", said: work.to_string() });
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _has_ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
