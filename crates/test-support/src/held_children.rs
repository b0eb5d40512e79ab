//! Children that read files when their test lets them: as slow as it takes, without a clock.

use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{self, ExitCode};
use std::{env, fs, io};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use vpaura_knowledge::extract::{ChildProgram, child_main};

pub(crate) const ARGUMENT: &str = "held-extract-child";

/// The most that a child tells of its file, in bytes.
const HEAD: u64 = 64 * 1024;

/// Waits for children to start.
#[derive(Debug)]
pub struct HeldChildren {
    listener: UnixListener,
    program: ChildProgram,
}

/// A child that waits to read its file. Dropped, it dies without an answer.
#[derive(Debug)]
pub struct HeldChild {
    head: Vec<u8>,
    stream: UnixStream,
}

impl HeldChildren {
    /// Children that are heard of at this socket, which is made here.
    pub fn at(socket: &Path) -> io::Result<Self> {
        let listener = UnixListener::bind(socket)?;
        let args = vec![ARGUMENT.into(), socket.into()];
        Ok(Self { listener, program: ChildProgram { program: env::current_exe()?, args } })
    }

    /// The running test program as such a child.
    pub fn program(&self) -> ChildProgram {
        self.program.clone()
    }

    /// The next one that was started, in the order in which they were.
    pub async fn next(&self) -> io::Result<HeldChild> {
        let (mut stream, _) = self.listener.accept().await?;
        let length = stream.read_u64().await?;
        let mut head = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        stream.read_exact(&mut head).await?;
        Ok(HeldChild { head, stream })
    }
}

impl HeldChild {
    /// Whether its file has these words near its beginning.
    pub fn reads(&self, words: &str) -> bool {
        self.head.windows(words.len()).any(|window| window == words.as_bytes())
    }

    /// Lets it read its file.
    pub async fn go(mut self) -> io::Result<()> {
        self.stream.write_u8(1).await
    }

    /// Waits until it was killed.
    pub async fn killed(mut self) {
        // A stream that breaks was cut as well.
        let _ = self.stream.read_u8().await;
    }
}

/// The child's side: it never returns.
pub(crate) fn be_held() -> ! {
    let is_let_go = env::args_os().nth(2).is_some_and(|socket| wait_at(Path::new(&socket)).is_ok());
    let answered = is_let_go && child_main() == ExitCode::SUCCESS;
    process::exit(i32::from(!answered));
}

fn wait_at(socket: &Path) -> io::Result<()> {
    let mut file = fs::File::from(io::stdin().as_fd().try_clone_to_owned()?);
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    let mut stream = std::os::unix::net::UnixStream::connect(socket)?;
    stream.write_all(&(head.len() as u64).to_be_bytes())?;
    stream.write_all(&head)?;
    stream.read_exact(&mut [0])
}
