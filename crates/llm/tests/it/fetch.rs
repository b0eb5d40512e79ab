//! The fetcher of foreign addresses, against local servers and a resolver that lies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_compression::tokio::write::GzipEncoder;
use futures_util::TryStreamExt;
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use vpaura_llm::{FetchError, FetchSettings, Fetcher, Lookup};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

/// A server that gives each connection the next of these answers (the last again and again) and
/// tells what it was asked. An answer without an end keeps its connection open.
async fn server(answers: Vec<Vec<u8>>) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind((HERE, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for place in 0.. {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let answer = answers[place.min(answers.len() - 1)].clone();
            let tell = tell.clone();
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => request.push(byte),
                        Err(_) => return,
                    }
                }
                let _nobody = tell.send(String::from_utf8_lossy(&request).into_owned());
                let _gone = stream.write_all(&answer).await;
                // Until the other side has gone.
                let _gone = stream.read_u8().await;
            });
        }
    });
    (address, told)
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn settings() -> FetchSettings {
    FetchSettings { allow_private: true, bytes: 100_000, ..FetchSettings::default() }
}

fn fetcher() -> Fetcher {
    Fetcher::new(&settings()).expect("a client")
}

/// A source of addresses that gives these answers in turn, the last again and again, and counts.
fn lying(answers: Vec<Vec<IpAddr>>) -> (Lookup, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let lookup: Lookup = Arc::new(move |_name| {
        let place = counted.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let answer = answers[place].clone();
        Box::pin(async move { Ok(answer) })
    });
    (lookup, asked)
}

async fn body(fetcher: &Fetcher, url: &str) -> Result<Vec<u8>, FetchError> {
    let pieces: Vec<_> = fetcher.fetch(url).await?.into_stream().try_collect().await?;
    Ok(pieces.concat())
}

#[tokio::test]
async fn what_an_address_serves_comes_with_its_type_and_name() {
    let page =
        answer("200 OK\r\ncontent-type: Text/HTML; charset=utf-8\r\nset-cookie: a=b", b"<p>Hi");
    let (address, mut asked) = server(vec![page]).await;
    let url = format!("http://{address}/docs/a%20page.html?x=1#part");
    let fetched = fetcher().fetch(&url).await.expect("an answer");
    assert_eq!(fetched.media_type().as_deref(), Some("text/html"));
    assert_eq!(fetched.charset().as_deref(), Some("utf-8"));
    assert_eq!(fetched.file_name().as_deref(), Some("a page.html"));
    assert_eq!(fetched.url().as_str(), url.trim_end_matches("#part"));
    assert_eq!(fetched.length(), Some(5));
    assert_eq!(body(&fetcher(), &url).await, Ok(b"<p>Hi".to_vec()));
    asked.recv().await.expect("the first request");
    let second = asked.recv().await.expect("the second request").to_lowercase();
    for absent in ["cookie", "authorization", "referer"] {
        assert!(!second.contains(absent), "{second}");
    }
}

#[tokio::test]
async fn the_name_that_the_host_gives_wins() {
    let head = "200 OK\r\ncontent-disposition: attachment; filename=\"report.pdf\"";
    let (address, _asked) = server(vec![answer(head, b"")]).await;
    let fetched = fetcher().fetch(&format!("http://{address}/x")).await.expect("an answer");
    assert_eq!(fetched.file_name().as_deref(), Some("report.pdf"));
    let fetched = Fetcher::new(&settings()).expect("a client");
    let (address, _asked) = server(vec![answer("200 OK", b"")]).await;
    let fetched = fetched.fetch(&format!("http://{address}/")).await.expect("an answer");
    assert_eq!((fetched.file_name(), fetched.media_type()), (None, None));
    assert_eq!(fetched.charset(), None);
}

#[rstest]
#[case("ftp://example.com/")]
#[case("file:///etc/passwd")]
#[case("gopher://example.com")]
#[case("http://user@example.com/")]
#[case("http://user:pass@example.com/")]
#[case("http://")]
#[case("example.com")]
#[case("")]
#[tokio::test]
async fn addresses_of_other_kinds_are_refused(#[case] url: &str) {
    let error = fetcher().fetch(url).await.err().expect("refused");
    assert!(matches!(error, FetchError::BadAddress(_)), "{url}: {error}");
    let long = format!("http://example.com/{}", "a".repeat(5_000));
    assert!(matches!(fetcher().fetch(&long).await.err(), Some(FetchError::BadAddress(_))));
}

/// Every way to write an address that this machine or its network has.
#[rstest]
#[tokio::test]
async fn addresses_that_are_not_public_are_refused(
    #[values(
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "localhost",
        "LOCALHOST.",
        "any.localhost",
        "\u{ff11}\u{ff12}\u{ff17}.0.0.1"
    )]
    host: &str,
) {
    let fetcher = Fetcher::new(&FetchSettings::default()).expect("a client");
    let error = fetcher.fetch(&format!("http://{host}/")).await.err();
    assert_eq!(error, Some(FetchError::NotPublic), "{host}");
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_that_answer_is_connected_to() {
    let (address, _asked) = server(vec![answer("200 OK", b"here")]).await;
    // Were it looked up again after the check, it would lead to the metadata service.
    let (lookup, asked) = lying(vec![vec![HERE], vec![METADATA]]);
    let fetcher = Fetcher::with_lookup(&settings(), lookup).expect("a client");
    let url = format!("http://rebind.example:{}/", address.port());
    assert_eq!(body(&fetcher, &url).await, Ok(b"here".to_vec()));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(body(&fetcher, &url).await, Err(FetchError::NotPublic), "checked each time");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[rstest]
#[case(vec![METADATA])]
#[case(vec![HERE, METADATA])]
#[case(vec!["10.0.0.1".parse().expect("an address"), "1.1.1.1".parse().expect("an address")])]
#[tokio::test]
async fn one_bad_address_of_a_name_spoils_all(#[case] found: Vec<IpAddr>) {
    let (lookup, _asked) = lying(vec![found]);
    let fetcher = Fetcher::with_lookup(&FetchSettings::default(), lookup).expect("a client");
    let error = fetcher.fetch("https://mixed.example/").await.err();
    assert_eq!(error, Some(FetchError::NotPublic));
}

#[tokio::test]
async fn redirects_are_followed_and_each_is_checked() {
    let moved = |to: &str| answer(&format!("302 Found\r\nlocation: {to}"), b"");
    let (address, mut asked) =
        server(vec![moved("/second"), moved("third?x"), answer("200 OK", b"there")]).await;
    let fetched = fetcher().fetch(&format!("http://{address}/first")).await.expect("an answer");
    assert_eq!(fetched.url().path(), "/third");
    for path in ["/first", "/second", "/third?x"] {
        let request = asked.recv().await.expect("a request");
        assert!(request.starts_with(&format!("GET {path} ")), "{request}");
    }
    for (to, error) in [
        ("http://169.254.169.254/latest/meta-data", FetchError::NotPublic),
        ("http://[::ffff:169.254.169.254]/", FetchError::NotPublic),
    ] {
        let (address, _asked) = server(vec![moved(to)]).await;
        assert_eq!(fetcher().fetch(&format!("http://{address}/")).await.err(), Some(error));
    }
    for to in ["file:///etc/passwd", "http://u:p@example.com/", "http://"] {
        let (address, _asked) = server(vec![moved(to)]).await;
        let error = fetcher().fetch(&format!("http://{address}/")).await.err().expect("refused");
        assert!(matches!(error, FetchError::BadAddress(_)), "{to}: {error}");
    }
    let (address, mut asked) = server(vec![moved("/again")]).await;
    let error = fetcher().fetch(&format!("http://{address}/")).await.err();
    assert_eq!(error, Some(FetchError::TooManyRedirects));
    for _ in 0..6 {
        asked.recv().await.expect("a request");
    }
    assert!(asked.try_recv().is_err(), "five redirects, no more");
}

#[tokio::test]
async fn refusals_are_told() {
    for status in [404, 500, 304] {
        let (address, _asked) = server(vec![answer(&format!("{status} X"), b"no")]).await;
        let error = fetcher().fetch(&format!("http://{address}/")).await.err();
        assert_eq!(error, Some(FetchError::Status(status)));
    }
    let gone = TcpListener::bind((HERE, 0)).await.expect("a port").local_addr().expect("its");
    let error = fetcher().fetch(&format!("http://{gone}/")).await.err().expect("refused");
    assert!(matches!(error, FetchError::Unreachable(_)), "{error}");
}

async fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(bytes).await.expect("memory");
    encoder.shutdown().await.expect("memory");
    encoder.into_inner()
}

#[tokio::test]
async fn large_bodies_are_cut_off() {
    let too_large = Err(FetchError::TooLarge { limit: 100_000 });
    // Announced; not announced; packed.
    let announced = b"HTTP/1.1 200 OK\r\ncontent-length: 100001\r\n\r\n".to_vec();
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 200_000]].concat();
    let bomb = gzip(&vec![0; 50_000_000]).await;
    assert!(bomb.len() < 100_000, "it looks small");
    let bomb = answer("200 OK\r\ncontent-encoding: gzip", &bomb);
    for page in [announced, endless, bomb] {
        let (address, _asked) = server(vec![page]).await;
        assert_eq!(body(&fetcher(), &format!("http://{address}/")).await, too_large);
    }
    let exactly = answer("200 OK", &[b'x'; 100_000]);
    let (address, _asked) = server(vec![exactly]).await;
    let read = body(&fetcher(), &format!("http://{address}/")).await.expect("a body");
    assert_eq!(read.len(), 100_000);
}

#[tokio::test]
async fn packed_bodies_are_unpacked() {
    let text = "Grüße ".repeat(1_000);
    let packed = answer("200 OK\r\ncontent-encoding: gzip", &gzip(text.as_bytes()).await);
    let (address, _asked) = server(vec![packed]).await;
    let url = format!("http://{address}/");
    assert_eq!(body(&fetcher(), &url).await, Ok(text.into_bytes()));

    let damaged = answer("200 OK\r\ncontent-encoding: gzip", b"\x1f\x8b\x08\x00nonsense");
    let unknown = answer("200 OK\r\ncontent-encoding: zstd", b"?");
    let (address, _asked) = server(vec![damaged, unknown]).await;
    let url = format!("http://{address}/");
    assert!(matches!(body(&fetcher(), &url).await, Err(FetchError::Broken(_))));
    assert_eq!(body(&fetcher(), &url).await, Err(FetchError::Encoding("zstd".into())));
}

#[tokio::test]
async fn slow_hosts_are_not_waited_for() {
    let fetcher = Fetcher::new(&FetchSettings { time: Duration::from_millis(150), ..settings() })
        .expect("a client");
    let silent = Vec::new();
    let stalled = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_vec();
    for page in [silent, stalled] {
        let (address, _asked) = server(vec![page]).await;
        let error = body(&fetcher, &format!("http://{address}/")).await;
        assert_eq!(error, Err(FetchError::Timeout));
    }
}

#[tokio::test]
async fn large_heads_are_refused() {
    let many: String = (0..90).map(|n| format!("\r\nx-{n}: {}", "y".repeat(900))).collect();
    let (address, _asked) = server(vec![answer(&format!("200 OK{many}"), b"")]).await;
    let error = fetcher().fetch(&format!("http://{address}/")).await.err().expect("refused");
    assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");
    let endless = [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'y'; 2_000_000]].concat();
    let (address, _asked) = server(vec![endless]).await;
    assert!(fetcher().fetch(&format!("http://{address}/")).await.is_err());
}
