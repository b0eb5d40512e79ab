//! A mail server that speaks the real dialogue and writes down what it is told, in the open or
//! encrypted from the beginning.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use parking_lot::Mutex;
use rcgen::CertifiedKey;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// How the server behaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manners {
    /// What it answers to a recipient; 250 when nothing.
    pub recipient: Option<&'static str>,
    /// Whether it says that it can begin to encrypt; it cannot.
    pub offers_tls: bool,
    /// Whether it is silent from the beginning.
    pub silent: bool,
}

/// A mail server on a free port of this machine. It ends with the runtime.
pub struct SmtpServer {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl SmtpServer {
    /// Starts one that does not encrypt.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(manners: Manners) -> io::Result<Self> {
        Self::listen(manners, None).await
    }

    /// Starts one that encrypts from the beginning, as `localhost`, and gives its certificate as
    /// PEM: nobody knows it yet.
    ///
    /// # Errors
    /// When no port can be opened or no certificate made.
    pub async fn start_encrypted(manners: Manners) -> io::Result<(Self, String)> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let CertifiedKey { cert, signing_key } = made.map_err(io::Error::other)?;
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        // Named, since there are two in a workspace.
        let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .map_err(io::Error::other)?;
        let server = Self::listen(manners, Some(TlsAcceptor::from(Arc::new(tls)))).await?;
        Ok((server, cert.pem()))
    }

    async fn listen(manners: Manners, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, lines) = (tls.clone(), Arc::clone(&lines));
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, manners, lines).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                converse(stream, manners, lines).await;
                            }
                        }
                    }
                });
            }
        });
        Ok(Self { port, heard })
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Every line that clients sent, letters included.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().clone()
    }

    /// The first letter: the lines behind DATA. Empty when there is none.
    pub fn letter(&self) -> Vec<String> {
        let heard = self.heard();
        let behind = heard.iter().skip_while(|line| *line != "DATA").skip(1);
        behind.take_while(|line| *line != ".").cloned().collect()
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite,
    manners: Manners,
    heard: Arc<Mutex<Vec<String>>>,
) {
    let (read, mut write) = tokio::io::split(stream);
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
