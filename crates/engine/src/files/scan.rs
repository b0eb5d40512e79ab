//! The virus scanner: clamd, asked by its INSTREAM command about each upload before it is kept.
//! (The protocol is described in the manual page clamd(8).)

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use vpaura_config::ScannerAddress;

use crate::{Error, Result};

const CONNECT: Duration = Duration::from_secs(5);
/// The longest that the scanner may take nothing in, or think about the whole.
const PATIENCE: Duration = Duration::from_secs(120);
const PIECE_BYTES: usize = 64 * 1024;
/// The longest verdict: it names a file and a signature.
const MAX_VERDICT: u64 = 4 * 1024;

/// A scanner that is configured.
#[derive(Debug, Clone)]
pub(crate) struct Scanner {
    address: ScannerAddress,
}

impl Scanner {
    pub(crate) const fn new(address: ScannerAddress) -> Self {
        Self { address }
    }

    /// Lets the scanner look at the whole file.
    ///
    /// # Errors
    /// [`Error::InfectedFile`] when it found something, [`Error::UnreadableFile`] when it takes no
    /// file as large, [`Error::ScannerUnavailable`] when it does not say.
    pub(crate) async fn scan(&self, file: std::fs::File) -> Result<()> {
        let verdict = match &self.address {
            ScannerAddress::Tcp(address) => {
                ask(within(CONNECT, TcpStream::connect(address)).await, file).await
            }
            ScannerAddress::Unix(path) => {
                ask(within(CONNECT, UnixStream::connect(path)).await, file).await
            }
        };
        read_verdict(&verdict.map_err(|error| Error::ScannerUnavailable(error.to_string()))?)
    }
}

async fn ask<S>(connected: io::Result<S>, file: std::fs::File) -> io::Result<String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = connected?;
    // A scanner that has enough says so and hangs up: its verdict is there although not all was
    // sent.
    let sent = send(&mut stream, tokio::fs::File::from_std(file)).await;
    let mut verdict = Vec::new();
    within(PATIENCE, stream.take(MAX_VERDICT).read_to_end(&mut verdict)).await?;
    match sent {
        Err(error) if verdict.is_empty() => Err(error),
        _ => Ok(String::from_utf8_lossy(&verdict).into_owned()),
    }
}

/// The command, the file in pieces with their lengths, and an empty piece.
async fn send<S>(stream: &mut S, mut file: tokio::fs::File) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    within(PATIENCE, stream.write_all(b"zINSTREAM\0")).await?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let length = file.read(&mut piece).await?;
        let head = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
        within(PATIENCE, stream.write_all(&head)).await?;
        if length == 0 {
            return within(PATIENCE, stream.flush()).await;
        }
        within(PATIENCE, stream.write_all(&piece[..length])).await?;
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, work).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// `stream: OK`, `stream: <signature> FOUND`, or `<reason> ERROR`.
fn read_verdict(verdict: &str) -> Result<()> {
    let verdict = verdict.trim_end_matches(['\0', '\n']);
    let said = verdict.strip_prefix("stream:").unwrap_or(verdict).trim();
    if said == "OK" {
        return Ok(());
    }
    // Asked again it says the same.
    if said.contains("size limit exceeded") {
        return Err(Error::UnreadableFile(
            "the file is larger than the virus scanner takes (StreamMaxLength of clamd): split it \
             into smaller files"
                .to_owned(),
        ));
    }
    match said.strip_suffix(" FOUND") {
        Some(signature) => Err(Error::InfectedFile(signature.to_owned())),
        None => Err(Error::ScannerUnavailable(format!("the scanner says {said:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use tokio::net::{TcpListener, UnixListener};

    use super::*;

    fn file(content: &[u8]) -> std::fs::File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(content).expect("written");
        file.seek(SeekFrom::Start(0)).expect("rewound");
        file
    }

    /// A clamd that reads a whole stream, or `most` bytes of it, and says `verdict`. What came.
    async fn clamd<S>(mut stream: S, most: usize, verdict: &str) -> Vec<u8>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut command = [0; 10];
        stream.read_exact(&mut command).await.expect("a command");
        assert_eq!(&command, b"zINSTREAM\0");
        let mut content = Vec::new();
        while content.len() < most {
            let length = stream.read_u32().await.expect("a length") as usize;
            if length == 0 {
                break;
            }
            let mut piece = vec![0; length];
            stream.read_exact(&mut piece).await.expect("a piece");
            content.extend(piece);
        }
        stream.write_all(verdict.as_bytes()).await.expect("said");
        content
    }

    async fn scanned(content: &[u8], most: usize, verdict: &str) -> (Result<()>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let scanner = Scanner::new(ScannerAddress::Tcp(address));
        let served = async {
            let (stream, _) = listener.accept().await.expect("a connection");
            clamd(stream, most, verdict).await
        };
        tokio::join!(scanner.scan(file(content)), served)
    }

    #[tokio::test]
    async fn the_scanner_sees_every_byte_and_its_word_counts() {
        let content = [7; 3 * PIECE_BYTES + 5];
        let (clean, seen) = scanned(&content, usize::MAX, "stream: OK\0").await;
        assert!(clean.is_ok(), "{clean:?}");
        assert_eq!(seen, content);
        let (found, _) = scanned(b"x", usize::MAX, "stream: Eicar-Test FOUND\0").await;
        assert!(matches!(found, Err(Error::InfectedFile(name)) if name == "Eicar-Test"));
        for odd in ["", "stream: something ERROR\0", "nonsense"] {
            let (refused, _) = scanned(b"x", usize::MAX, odd).await;
            assert!(matches!(refused, Err(Error::ScannerUnavailable(_))), "{odd}");
        }
    }

    #[tokio::test]
    async fn a_scanner_that_hangs_up_early_is_heard() {
        let content = vec![7; 8 * 1024 * 1024];
        let verdict = "INSTREAM size limit exceeded. ERROR\0";
        let (refused, _) = scanned(&content, PIECE_BYTES, verdict).await;
        let is_told = |why: &str| why.contains("StreamMaxLength");
        assert!(matches!(&refused, Err(Error::UnreadableFile(why)) if is_told(why)), "{refused:?}");
    }

    #[tokio::test]
    async fn a_socket_of_this_machine_serves_too_and_silence_is_no_yes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("clamd.ctl");
        let scanner = Scanner::new(ScannerAddress::Unix(path.clone()));
        let refused = scanner.scan(file(b"x")).await;
        assert!(matches!(refused, Err(Error::ScannerUnavailable(_))), "{refused:?}");
        let listener = UnixListener::bind(path).expect("a socket");
        let served = async {
            let (stream, _) = listener.accept().await.expect("a connection");
            clamd(stream, usize::MAX, "stream: OK\0").await
        };
        let (clean, seen) = tokio::join!(scanner.scan(file(b"words")), served);
        assert!(clean.is_ok(), "{clean:?}");
        assert_eq!(seen, b"words");
    }
}
