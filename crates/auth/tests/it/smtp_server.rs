//! A mail server that speaks the real dialogue and writes down what it is told.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How the server behaves.
#[derive(Clone, Copy, Default)]
pub(crate) struct Manners {
    /// What it answers to a recipient; 250 when nothing.
    pub(crate) recipient: Option<&'static str>,
    /// Whether it says that it can encrypt; it cannot.
    pub(crate) offers_tls: bool,
    /// Whether it greets at all.
    pub(crate) silent: bool,
}

pub(crate) struct SmtpServer {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl SmtpServer {
    pub(crate) async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, manners, Arc::clone(&lines)));
            }
        });
        Self { port, heard }
    }

    /// Every line that clients sent, letters included.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().clone()
    }

    /// The letter: the lines behind DATA.
    pub(crate) fn letter(&self) -> Vec<String> {
        let heard = self.heard();
        let from = heard.iter().position(|line| line == "DATA").expect("a letter") + 1;
        let end = heard[from..].iter().position(|line| line == ".").expect("its end");
        heard[from..from + end].to_vec()
    }
}

async fn converse(stream: TcpStream, manners: Manners, heard: Arc<Mutex<Vec<String>>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    if manners.silent {
        let _ = lines.next_line().await;
        return;
    }
    let _ = write.write_all(b"220 mail.test ready\r\n").await;
    let mut in_letter = false;
    while let Ok(Some(line)) = lines.next_line().await {
        heard.lock().push(line.clone());
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "." => {
                in_letter = false;
                "250 queued"
            }
            _ if in_letter => continue,
            "EHLO" if manners.offers_tls => "250-mail.test\r\n250 STARTTLS",
            "EHLO" => "250-mail.test\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 AUTH PLAIN",
            "STARTTLS" => "220 go ahead",
            "AUTH" => "235 welcome",
            "MAIL" => "250 ok",
            "RCPT" => manners.recipient.unwrap_or("250 ok"),
            "DATA" => {
                in_letter = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "500 what?",
        };
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}
