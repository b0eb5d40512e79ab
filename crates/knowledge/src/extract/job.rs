//! What a child is asked to do, as arguments of its command line.

use std::ffi::OsString;
use std::time::Duration;

/// A child's work and the limits it puts on itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) what: What,
    /// Bytes of memory beyond those of the program itself.
    pub(super) memory: u64,
    /// Processor time, in whole seconds.
    pub(super) cpu: Duration,
    /// The most bytes of text.
    pub(super) text_bytes: u64,
}

/// What to read from the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// All text of a file with this media type.
    Text { media_type: String },
    /// The picture of a page, counted from 1, so many pixels wide.
    Page { page: u32, width: u32 },
}

impl Job {
    /// The job as arguments.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let what = match &self.what {
            What::Text { media_type } => format!("text={media_type}"),
            What::Page { page, width } => format!("page={page}/{width}"),
        };
        let limits = [self.memory, self.cpu.as_secs(), self.text_bytes];
        std::iter::once(what).chain(limits.map(|n| n.to_string())).map(Into::into).collect()
    }

    /// Reads the job back from the end of a command line; none if it is no job.
    pub(super) fn from_arguments(arguments: &[OsString]) -> Option<Self> {
        let last = arguments.get(arguments.len().checked_sub(4)?..)?;
        let [what, memory, cpu, text_bytes] = last else { return None };
        let number = |text: &OsString| text.to_str()?.parse::<u64>().ok();
        let what = match what.to_str()?.split_once('=')? {
            ("text", media_type) => What::Text { media_type: media_type.to_owned() },
            ("page", page) => {
                let (page, width) = page.split_once('/')?;
                What::Page { page: page.parse().ok()?, width: width.parse().ok()? }
            }
            _ => return None,
        };
        Some(Self {
            what,
            memory: number(memory)?,
            cpu: Duration::from_secs(number(cpu)?),
            text_bytes: number(text_bytes)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_survives_the_command_line() {
        for what in [
            What::Text { media_type: "application/pdf".to_owned() },
            What::Page { page: 7, width: 1_200 },
        ] {
            let job = Job { what, memory: 1 << 30, cpu: Duration::from_secs(9), text_bytes: 5 };
            let mut line: Vec<OsString> = vec!["vpaura".into(), "extract-child".into()];
            line.extend(job.arguments());
            assert_eq!(Job::from_arguments(&line), Some(job));
        }
        for line in
            [&[][..], &["text=a", "1", "2"], &["text=a", "1", "2", "x"], &["x", "1", "2", "3"]]
        {
            let line: Vec<OsString> = line.iter().map(Into::into).collect();
            assert_eq!(Job::from_arguments(&line), None);
        }
    }
}
