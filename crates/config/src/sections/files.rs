//! `[files]`: where the bytes of files are kept, and how files are read.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::reader::Reader;

/// The most that `files.extract_text_bytes` can be.
const MOST_TEXT: i64 = 1_073_741_824;

/// How many times as large as its file a text may be, whatever else is said: tables and JSON grow
/// when their values are set apart.
const GROWTH: u64 = 3;

/// `[files]`.
#[derive(Debug, Clone)]
pub struct FilesConfig {
    /// Where the bytes are kept.
    pub storage: StorageConfig,
    /// The virus scanner that every upload goes through; none scans nothing.
    pub scanner: Option<ScannerAddress>,
    /// The limits of the child processes that read files.
    pub extract: ExtractConfig,
}

/// Where the bytes of files are kept.
#[derive(Debug, Clone)]
pub enum StorageConfig {
    /// In the folder `files` of the data folder.
    Local,
    /// In a bucket that speaks the S3 protocol.
    S3(S3Config),
}

/// A bucket.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// The address of the service; Amazon's own when absent.
    pub endpoint: Option<String>,
    /// The bucket's name.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// The key's id; without one the machine's own role is used.
    pub access_key: Option<SecretString>,
    /// The key's secret.
    pub secret_key: Option<SecretString>,
}

/// Where clamd listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannerAddress {
    /// `host:port`.
    Tcp(String),
    /// A socket of this machine.
    Unix(PathBuf),
}

/// What one child process that reads a file may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtractConfig {
    /// Its memory, in bytes.
    pub memory_bytes: u64,
    /// Its processor time.
    pub cpu: Duration,
    /// Its whole time.
    pub wall: Duration,
    /// The most text it may give back, in bytes of UTF-8.
    pub text_bytes: u64,
    /// How many there may be at the same time.
    pub children: usize,
    /// The longest that somebody waits until theirs begins.
    pub wait: Duration,
}

impl FilesConfig {
    /// A text may have as many bytes as one that is made of an upload.
    pub(crate) fn read(r: &mut Reader<'_>, upload_bytes: u64) -> Self {
        let text_bytes: u64 = r.integer("files.extract_text_bytes", 1_024..=MOST_TEXT);
        Self {
            storage: StorageConfig::read(r),
            scanner: r.parsed(
                "files.scanner",
                "clamd's address, such as tcp://127.0.0.1:3310 or unix:///run/clamav/clamd.ctl",
                ScannerAddress::parse,
            ),
            extract: ExtractConfig {
                memory_bytes: r.integer("files.extract_memory_bytes", 67_108_864..=68_719_476_736),
                cpu: r.seconds("files.extract_cpu_seconds", 1..=3_600),
                wall: r.seconds("files.extract_seconds", 1..=7_200),
                text_bytes: text_bytes
                    .max(upload_bytes.saturating_mul(GROWTH).min(MOST_TEXT.unsigned_abs())),
                children: r.integer("files.extract_children", 1..=256),
                wait: r.seconds("files.extract_wait_seconds", 1..=600),
            },
        }
    }
}

impl StorageConfig {
    fn read(r: &mut Reader<'_>) -> Self {
        let kinds = [("local", false), ("s3", true)];
        if !r.choice("files.storage", &kinds, false) {
            return Self::Local;
        }
        let endpoint = r.parsed(
            "files.s3_endpoint",
            "an address that starts with https:// or http://",
            |text| is_web_address(text).then(|| text.trim_end_matches('/').to_owned()),
        );
        let bucket = r.optional_text("files.s3_bucket").unwrap_or_else(|| {
            r.missing("files.s3_bucket", "needed with files.storage = \"s3\"");
            String::new()
        });
        let access_key = r.secret("files.s3_access_key");
        let secret_key = r.secret("files.s3_secret_key");
        if access_key.is_some() != secret_key.is_some() {
            let missing = match access_key {
                Some(_) => "files.s3_secret_key",
                None => "files.s3_access_key",
            };
            r.missing(missing, "the key's id and its secret go together");
        }
        Self::S3(S3Config {
            endpoint,
            bucket,
            region: r.text("files.s3_region"),
            access_key,
            secret_key,
        })
    }
}

fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty())
}

impl ScannerAddress {
    fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("unix://") {
            return path.starts_with('/').then(|| Self::Unix(PathBuf::from(path)));
        }
        let address = text.strip_prefix("tcp://")?;
        let (host, port) = address.rsplit_once(':')?;
        let is_valid = !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0);
        is_valid.then(|| Self::Tcp(address.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_listens_on_a_port_or_a_socket() {
        let tcp = |text: &str| Some(ScannerAddress::Tcp(text.to_owned()));
        assert_eq!(ScannerAddress::parse("tcp://clamd:3310"), tcp("clamd:3310"));
        assert_eq!(ScannerAddress::parse("tcp://[::1]:3310"), tcp("[::1]:3310"));
        let socket = Some(ScannerAddress::Unix("/run/clamd.ctl".into()));
        assert_eq!(ScannerAddress::parse("unix:///run/clamd.ctl"), socket);
        for wrong in ["clamd:3310", "tcp://clamd", "tcp://:1", "tcp://a:0", "unix://run", ""] {
            assert_eq!(ScannerAddress::parse(wrong), None, "{wrong}");
        }
    }
}
