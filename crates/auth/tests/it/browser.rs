//! A browser without a window: follows redirects, keeps cookies, fills in forms.

use reqwest::header::LOCATION;
use url::Url;
use vpaura_auth::Callback;

use crate::real_provider::REDIRECT;

/// Walks from the provider's first page back to us: signs in as `user`, consents, and gives the
/// query that we are called with.
pub(crate) async fn sign_in(start: Url, user: &str) -> Callback {
    walk(start, user, "consent").await
}

/// Walks to the consent, and leaves there.
pub(crate) async fn decline(start: Url) -> Callback {
    walk(start, "ada", "abort").await
}

async fn walk(start: Url, user: &str, then: &str) -> Callback {
    let client = reqwest::Client::builder()
        .no_proxy()
        .cookie_store(true)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let mut url = start;
    let mut answer = client.get(url.clone()).send().await.expect("the provider answers");
    for _ in 0..20 {
        if let Some(location) = answer.headers().get(LOCATION) {
            url = url.join(location.to_str().expect("ASCII")).expect("an address");
            if url.as_str().starts_with(REDIRECT) {
                return serde_json::from_value(url.query_pairs().into_owned().collect())
                    .expect("a callback");
            }
            answer = client.get(url.clone()).send().await.expect("the provider answers");
            continue;
        }
        let page = answer.text().await.expect("a page");
        if page.contains("name=\"login\"") {
            let form = [("prompt", "login"), ("login", user), ("password", "any")];
            answer = client.post(url.clone()).form(&form).send().await.expect("an answer");
        } else if page.contains("value=\"consent\"") && then == "abort" {
            url = url.join(&format!("{}/abort", url.path())).expect("an address");
            answer = client.get(url.clone()).send().await.expect("an answer");
        } else if page.contains("value=\"consent\"") {
            let form = [("prompt", "consent")];
            answer = client.post(url.clone()).form(&form).send().await.expect("an answer");
        } else {
            panic!("a page that is not known, at {url}: {page}");
        }
    }
    panic!("the provider sends the browser in circles");
}
