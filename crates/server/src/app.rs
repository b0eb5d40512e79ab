//! The route table, and the application around it.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Uri};
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vpaura_config::Config;
use vpaura_engine::Engine;

use crate::health_checks::checks;
use crate::middleware::metrics::{Metrics, MetricsError};
use crate::routes::health::Health;
use crate::routes::ui::Ui;
use crate::routes::{
    api_keys, audit, auth, budgets, chat, chatbots, chunks, collections, conversations, docs,
    documents, files, graphs, health, invitations, members, messages, models, prompts, redirect,
    roles, runs, search, sessions, tools, usage, users, workspaces,
};
use crate::state::{AppState, Streams};
use crate::{edges, openapi};

/// The format of `/metrics`.
const PROMETHEUS: [(http::HeaderName, &str); 1] =
    [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];

/// What an upload's form may add to the bytes of its file.
const FORM_BYTES: usize = 64 * 1024;

/// Every route of `/api/v1`.
fn table(upload_bytes: usize) -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(chat::tokens))
        .routes(routes!(chat::stream))
        .routes(routes!(chat::message))
        .routes(routes!(chat::feedback))
        .routes(routes!(runs::get))
        .routes(routes!(runs::events))
        .routes(routes!(runs::cancel))
        .routes(routes!(runs::resume))
        .routes(routes!(conversations::list, conversations::create))
        .routes(routes!(conversations::get, conversations::update, conversations::delete))
        .routes(routes!(conversations::messages))
        .routes(routes!(conversations::create_run))
        .routes(routes!(conversations::edit))
        .routes(routes!(conversations::regenerate))
        .routes(routes!(conversations::fork))
        .routes(routes!(conversations::export))
        .routes(routes!(conversations::share, conversations::unshare))
        .routes(routes!(conversations::shared))
        .routes(routes!(sessions::list, sessions::create))
        .routes(routes!(sessions::current))
        .routes(routes!(sessions::get, sessions::update, sessions::delete))
        .routes(routes!(files::get, files::delete))
        .routes(routes!(files::content))
        .routes(routes!(files::text))
        .routes(routes!(models::list))
        .routes(routes!(workspaces::list, workspaces::create))
        .routes(routes!(workspaces::get, workspaces::update, workspaces::delete))
        .routes(routes!(members::list))
        .routes(routes!(members::change, members::remove))
        .routes(routes!(roles::list, roles::create))
        .routes(routes!(roles::update, roles::delete))
        .routes(routes!(invitations::list, invitations::create))
        .routes(routes!(invitations::revoke))
        .routes(routes!(invitations::look))
        .routes(routes!(invitations::accept))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::delete))
        .routes(routes!(audit::list))
        .routes(routes!(audit::export))
        .routes(routes!(audit::list_installation))
        .routes(routes!(audit::export_installation))
        .routes(routes!(auth::status))
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::second_factor))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::switch))
        .routes(routes!(auth::forgot_password))
        .routes(routes!(auth::reset_password))
        .routes(routes!(auth::change_password))
        .routes(routes!(auth::oidc))
        .routes(routes!(auth::oidc_callback))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::me))
        .routes(routes!(users::get_profile, users::put_profile))
        .routes(routes!(users::begin_second_factor, users::remove_second_factor))
        .routes(routes!(users::confirm_second_factor))
        .routes(routes!(users::renew_recovery_codes))
        .routes(routes!(users::get, users::update, users::delete))
        .routes(routes!(users::export))
        .routes(routes!(chatbots::list, chatbots::create))
        .routes(routes!(chatbots::get, chatbots::update, chatbots::delete))
        .routes(routes!(chatbots::versions))
        .routes(routes!(chatbots::rollback))
        .routes(routes!(chatbots::grants, chatbots::set_grants))
        .routes(routes!(collections::list, collections::create))
        .routes(routes!(collections::get, collections::update, collections::delete))
        .routes(routes!(collections::grants, collections::set_grants))
        .routes(routes!(collections::reindex_all))
        .routes(routes!(documents::list))
        .routes(routes!(documents::get, documents::update, documents::delete))
        .routes(routes!(documents::reindex))
        .routes(routes!(documents::content))
        .routes(routes!(documents::text))
        .routes(routes!(documents::page))
        .routes(routes!(chunks::list_chunks))
        .routes(routes!(chunks::update_chunk))
        .routes(routes!(search::search_collection))
        .routes(routes!(search::search_all))
        .routes(routes!(messages::citation))
        .routes(routes!(messages::citation_content))
        .routes(routes!(messages::citation_page))
        .routes(routes!(prompts::list, prompts::create))
        .routes(routes!(prompts::get, prompts::replace, prompts::delete))
        .routes(routes!(prompts::versions))
        .routes(routes!(prompts::rollback))
        .routes(routes!(tools::list))
        .routes(routes!(graphs::list))
        .routes(routes!(budgets::list, budgets::set))
        .routes(routes!(budgets::delete))
        .routes(routes!(usage::usage))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(conversations::import))
                .layer(DefaultBodyLimit::max(upload_bytes)),
        )
        .merge(
            OpenApiRouter::new()
                .routes(routes!(files::upload))
                .routes(routes!(documents::add))
                .routes(routes!(documents::upload))
                .layer(DefaultBodyLimit::max(upload_bytes.saturating_add(FORM_BYTES))),
        )
}

/// The whole application, without a listener. `stopping` turns readiness off.
///
/// # Errors
/// When the process's metrics cannot be recorded.
pub fn app(
    engine: Engine,
    config: &Config,
    stopping: CancellationToken,
) -> Result<Router, MetricsError> {
    Ok(with_metrics(engine, config, stopping, Metrics::install()?))
}

pub(crate) fn with_metrics(
    engine: Engine,
    config: &Config,
    stopping: CancellationToken,
    metrics: Metrics,
) -> Router {
    let health = Arc::new(Health::new(checks(&engine), stopping));
    let (clock, ids) = (engine.clock(), engine.ids());
    let state = AppState {
        engine,
        streams: Arc::new(Streams::new(config.server.max_streams, config.server.heartbeat)),
        metrics: metrics.clone(),
        public_url: config.server.public_url.as_deref().map(Into::into),
    };
    let (api, description) = documented(config, state, &health);
    let ui = Ui::embedded();
    if ui.is_missing() {
        tracing::warn!("this binary was built without the web UI; it serves the API alone");
    }
    let page =
        async move |method: Method, uri: Uri, headers: HeaderMap| ui.serve(&method, &uri, &headers);
    let routes = api
        .merge(Router::from(health::router(health)))
        .merge(docs::router(Bytes::from(openapi::to_json(&description))))
        .route("/metrics", get(async move || (PROMETHEUS, metrics.render())))
        .route("/api/{*rest}", any(redirect::unversioned))
        .fallback(page);
    edges::around(routes, &config.server, clock, ids)
}

fn documented(config: &Config, state: AppState, health: &Arc<Health>) -> (Router, OpenApi) {
    let upload_bytes = usize::try_from(config.limits.upload_bytes).unwrap_or(usize::MAX);
    let api = table(upload_bytes).with_state(state).merge(health::router(Arc::clone(health)));
    let (router, mut description) =
        OpenApiRouter::with_openapi(openapi::base()).nest("/api/v1", api).split_for_parts();
    openapi::refine(&mut description);
    (router, description)
}
