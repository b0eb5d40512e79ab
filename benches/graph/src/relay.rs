//! Counts the round trips to a server, by passing its traffic on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::error::{Error, Result, io};

/// A way to a server. Its threads end with the connections; the one that listens ends with the
/// process.
#[derive(Debug)]
pub(crate) struct Relay {
    url: String,
    trips: Arc<AtomicUsize>,
}

impl Relay {
    /// A relay to the server of a URL such as `postgres://user@host:port/database`.
    pub(crate) fn start(url: &str) -> Result<Self> {
        let unclear = || Error::Wrong(format!("no server in `{url}`"));
        let (before, rest) = url.split_once('@').ok_or_else(unclear)?;
        let (server, after) = rest.split_once('/').ok_or_else(unclear)?;
        let listener = TcpListener::bind("127.0.0.1:0").map_err(io("listening"))?;
        let address = listener.local_addr().map_err(io("listening"))?;
        let trips = Arc::new(AtomicUsize::new(0));
        let (server, counted) = (server.to_owned(), Arc::clone(&trips));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // Whoever connected sees the connection close.
                let _refused = pass_on(client, &server, &counted);
            }
        });
        Ok(Self { url: format!("{before}@{address}/{after}"), trips })
    }

    /// The URL of the relay.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How often a client spoke after the server had.
    pub(crate) fn round_trips(&self) -> usize {
        self.trips.load(Ordering::SeqCst)
    }
}

fn pass_on(client: TcpStream, server: &str, trips: &Arc<AtomicUsize>) -> std::io::Result<()> {
    let server = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let answered = Arc::new(AtomicBool::new(true));
    let (from_client, to_server) = (client.try_clone()?, server.try_clone()?);
    let (asked, trips) = (Arc::clone(&answered), Arc::clone(trips));
    thread::spawn(move || {
        copy(from_client, to_server, || {
            if asked.swap(false, Ordering::SeqCst) {
                trips.fetch_add(1, Ordering::SeqCst);
            }
        });
    });
    thread::spawn(move || copy(server, client, || answered.store(true, Ordering::SeqCst)));
    Ok(())
}

/// Copies until either side ends, which ends the other.
fn copy(mut from: TcpStream, mut to: TcpStream, heard: impl Fn()) {
    let mut bytes = [0; 16 * 1024];
    loop {
        let read = from.read(&mut bytes).unwrap_or(0);
        let Some(read) = bytes.get(..read).filter(|read| !read.is_empty()) else { break };
        heard();
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
        assert_eq!(relay.round_trips(), 3);
    }
}
