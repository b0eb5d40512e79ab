//! Counts the round trips to a server, by passing its traffic on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::error::{Error, Result, io};

/// What a pool sends on a connection that it takes back, to see whether it still is one: the
/// message `Sync` alone. Nobody waits for the answer.
const CHECK: &[u8] = b"S\0\0\0\x04";

/// A way to a server. Its threads end with the connections; the one that listens ends with the
/// process.
#[derive(Debug)]
pub(crate) struct Relay {
    url: String,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    trips: AtomicUsize,
    checks: AtomicUsize,
}

impl Relay {
    /// A relay to the server of a URL such as `postgres://user@host:port/database`.
    pub(crate) fn start(url: &str) -> Result<Self> {
        let unclear = || Error::Wrong(format!("no server in `{url}`"));
        let (before, rest) = url.split_once('@').ok_or_else(unclear)?;
        let (server, after) = rest.split_once('/').ok_or_else(unclear)?;
        let listener = TcpListener::bind("127.0.0.1:0").map_err(io("listening"))?;
        let address = listener.local_addr().map_err(io("listening"))?;
        let counts = Arc::<Counts>::default();
        let (server, counted) = (server.to_owned(), Arc::clone(&counts));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // Whoever connected sees the connection close.
                let _refused = pass_on(client, &server, &counted);
            }
        });
        Ok(Self { url: format!("{before}@{address}/{after}"), counts })
    }

    /// The URL of the relay.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How often a client spoke after the server had, to say something.
    pub(crate) fn round_trips(&self) -> usize {
        self.counts.trips.load(Ordering::SeqCst)
    }

    /// How often a pool checked a connection.
    pub(crate) fn checks(&self) -> usize {
        self.counts.checks.load(Ordering::SeqCst)
    }
}

fn pass_on(client: TcpStream, server: &str, counts: &Arc<Counts>) -> std::io::Result<()> {
    let server = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let answered = Arc::new(AtomicBool::new(true));
    let (from_client, to_server) = (client.try_clone()?, server.try_clone()?);
    let (asked, counts) = (Arc::clone(&answered), Arc::clone(counts));
    thread::spawn(move || {
        copy(from_client, to_server, |said| {
            if asked.swap(false, Ordering::SeqCst) {
                let count = if said == CHECK { &counts.checks } else { &counts.trips };
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
    });
    thread::spawn(move || copy(server, client, |_| answered.store(true, Ordering::SeqCst)));
    Ok(())
}

/// Copies until either side ends, which ends the other.
fn copy(mut from: TcpStream, mut to: TcpStream, heard: impl Fn(&[u8])) {
    let mut bytes = [0; 16 * 1024];
    loop {
        let read = from.read(&mut bytes).unwrap_or(0);
        let Some(read) = bytes.get(..read).filter(|read| !read.is_empty()) else { break };
        heard(read);
        if to.write_all(read).is_err() {
            break;
        }
    }
    for end in [&from, &to] {
        let _already = end.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_pieces_is_one_round_trip() {
        let server = TcpListener::bind("127.0.0.1:0").expect("listens");
        let address = server.local_addr().expect("listens");
        let relay = Relay::start(&format!("postgres://user@{address}/name")).expect("starts");
        let port = relay.url().trim_start_matches("postgres://user@").trim_end_matches("/name");
        let mut client = TcpStream::connect(port).expect("connects");
        let (mut served, _) = server.accept().expect("accepts");
        let mut answer = [0; 1];
        for _ in 0..3 {
            for _ in 0..2 {
                client.write_all(b"q").expect("asks");
                served.read_exact(&mut answer).expect("is asked");
            }
            served.write_all(b"a").expect("answers");
            client.read_exact(&mut answer).expect("is answered");
        }
        client.write_all(CHECK).expect("asks");
        served.read_exact(&mut [0; 5]).expect("is asked");
        assert_eq!((relay.round_trips(), relay.checks()), (3, 1));
    }
}
