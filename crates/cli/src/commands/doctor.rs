//! `vpaura doctor`: looks at everything an answer needs, and says how to mend what is wrong.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use secrecy::ExposeSecret;
use vpaura_config::{Config, ConfigError, Problem, Sources, StorageConfig};
use vpaura_domain::{Clock, IdGen, RandomIds, SystemClock};
use vpaura_engine::{
    Prompts, check_file_storage, check_knowledge_models, check_scanner, identity_providers, mailer,
    model_router, store_settings,
};
use vpaura_store::Store;

use crate::error::{Error, Result};
use crate::terminal;

/// Checks everything that a server needs to start and to answer.
#[derive(Debug, Args)]
pub(crate) struct Doctor {}

/// What was found out about one thing.
enum Finding {
    Well(String),
    /// It works, but somebody may want to know.
    Note(String),
    /// It does not work; and how to mend it.
    Ill(String, &'static str),
}

impl Doctor {
    pub(crate) async fn run(self) -> Result<()> {
        let config = match Config::load(&Sources::from_process()) {
            Ok(config) => config,
            Err(error) => {
                let (what, finding) = unconfigured(&error);
                tell(what, &finding)?;
                return Err(Error::Reported);
            }
        };
        let mut findings = vec![("configuration", Finding::Well("read and valid".to_owned()))];
        for notice in &config.notices {
            findings.push(("configuration", Finding::Note(notice.clone())));
        }
        findings.push(("data folder", data_folder(&config.data.dir)));
        findings.push(("database", database(&config).await));
        findings.push(("files", files(&config).await));
        findings.extend(scanner(&config).await.map(|finding| ("scanner", finding)));
        findings.push(("cache", cache(&config).await));
        findings.extend(models(&config).await.into_iter().map(|finding| ("models", finding)));
        findings.push(("embedder and reranker", knowledge_models(&config)));
        findings.push(("prompts", prompts(&config)));
        findings.extend(identity(&config));
        findings.push(("port", port(&config).await));
        findings.push(("web UI", web_ui()));
        let mut ill = 0;
        for (what, finding) in &findings {
            tell(what, finding)?;
            ill += usize::from(matches!(finding, Finding::Ill(..)));
        }
        if ill == 0 {
            Ok(terminal::print_line("\nAll is well.")?)
        } else {
            terminal::print_line(&format!("\n{ill} to mend."))?;
            Err(Error::Reported)
        }
    }
}

fn tell(what: &str, finding: &Finding) -> std::io::Result<()> {
    let line = match finding {
        Finding::Well(text) => format!("ok    {what}: {text}"),
        Finding::Note(text) => format!("note  {what}: {text}"),
        Finding::Ill(text, mend) => format!("FAIL  {what}: {text}\n      → {mend}"),
    };
    terminal::print_line(&line)
}

/// Well where it can be, and else why it cannot.
fn judged<T, E: Display>(
    result: Result<T, E>,
    well: impl FnOnce(T) -> String,
    mend: &'static str,
) -> Finding {
    match result {
        Ok(it) => Finding::Well(well(it)),
        Err(error) => Finding::Ill(error.to_string(), mend),
    }
}

/// Why there is no configuration. Reading it makes secrets in the data folder: that this cannot be
/// written is no fault of a key.
fn unconfigured(error: &ConfigError) -> (&'static str, Finding) {
    if let [Problem::Unreadable { path, .. }] = &error.problems[..] {
        let path = Path::new(path);
        let is_secret = path.ends_with("session_secret") || path.ends_with("jwt_secret");
        let folder = path.parent().filter(|_| is_secret);
        if let Some(ill @ Finding::Ill(..)) = folder.map(data_folder) {
            return ("data folder", ill);
        }
    }
    let mend = "Correct the keys named above; config.default.toml explains each.";
    ("configuration", Finding::Ill(error.to_string(), mend))
}

fn data_folder(folder: &Path) -> Finding {
    let probe = folder.join(".doctor");
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, b"vpaura"))
        .and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => Finding::Well(format!("{} can be written", folder.display())),
        Err(error) => Finding::Ill(
            format!("{}: {error}", folder.display()),
            "Give this user the right to write there, or set DATA_DIR to another folder.",
        ),
    }
}

async fn database(config: &Config) -> Finding {
    const MEND: &str = "Check DATABASE_URL, and that the database runs and accepts this user.";
    let store = match Store::connect(&store_settings(config), Arc::new(SystemClock)).await {
        Ok(store) => store,
        Err(error) => return Finding::Ill(error.to_string(), MEND),
    };
    let (pinged, migrations) = (store.ping().await, store.migration_status().await);
    let closed = store.close().await;
    let name = store.backend().name();
    match (pinged.and(closed), migrations) {
        (Ok(()), Ok(migrations)) => {
            match migrations.iter().filter(|migration| !migration.applied).count() {
                0 => Finding::Well(format!("{name}, schema up to date")),
                missing => Finding::Note(format!(
                    "{name}, {missing} migrations to apply; the server does it when it starts"
                )),
            }
        }
        (Err(error), _) | (_, Err(error)) => Finding::Ill(error.to_string(), MEND),
    }
}

async fn files(config: &Config) -> Finding {
    let (place, mend) = match &config.files.storage {
        StorageConfig::Local => (
            "kept in the data folder".to_owned(),
            "Give this user the right to write to the folder files in the data folder.",
        ),
        StorageConfig::S3(bucket) => (
            format!("the bucket {} answers", bucket.bucket),
            "Check the bucket, its address and the key in the [files] section, and that this user \
             may write to the folder files in the data folder.",
        ),
    };
    judged(check_file_storage(config).await, |()| place, mend)
}

/// None where none is configured.
async fn scanner(config: &Config) -> Option<Finding> {
    let address = config.files.scanner.as_ref()?;
    let mend = "Check files.scanner and that clamd runs. Until then no upload is accepted.";
    Some(judged(check_scanner(address).await, |()| "clamd answers".to_owned(), mend))
}

async fn cache(config: &Config) -> Finding {
    let Some(url) = &config.redis.url else {
        return Finding::Well("in memory (set REDIS_URL for several servers)".to_owned());
    };
    match vpaura_kv::connect(Some(url.expose_secret())).await {
        Ok(kv) => match kv.health().degraded {
            None => Finding::Well("Redis answers".to_owned()),
            Some(reason) => Finding::Ill(
                reason,
                "Check REDIS_URL and that Redis runs. Until then everything works, but servers \
                 hear of each other later.",
            ),
        },
        Err(error) => Finding::Ill(error.to_string(), "Correct REDIS_URL."),
    }
}

async fn models(config: &Config) -> Vec<Finding> {
    let router = match model_router(&config.llm, Arc::new(SystemClock)) {
        Ok(router) => router,
        Err(error) => {
            let mend = "Correct LLM_MODEL or the [llm] section.";
            return vec![Finding::Ill(error.to_string(), mend)];
        }
    };
    let mut findings = vec![Finding::Well(format!("the default is {}", router.default_model()))];
    let checks = router.check().await;
    if checks.is_empty() {
        findings.push(Finding::Note(
            "only the built-in model, which quotes from attached files; set OPENAI_API_KEY, \
             ANTHROPIC_API_KEY or OPENAI_BASE_URL for a real one"
                .to_owned(),
        ));
    }
    findings.extend(checks.into_iter().map(|check| match check.result {
        Ok(()) => Finding::Well(format!("{} answers", check.provider)),
        Err(error) => Finding::Ill(
            format!("{}: {error}", check.provider),
            "Check the provider's key and address, and that this machine reaches it.",
        ),
    }));
    findings
}

fn knowledge_models(config: &Config) -> Finding {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let named = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
    let knowledge = &config.knowledge;
    judged(
        check_knowledge_models(config, &clock),
        |()| format!("{}, {}", named(&knowledge.embedder), named(&knowledge.reranker)),
        "Correct the key named above in the [knowledge] section. A local model lies in a folder of \
         knowledge.models_dir.",
    )
}

fn prompts(config: &Config) -> Finding {
    judged(
        Prompts::load(config.prompts.dir.as_deref(), false),
        |prompts| format!("{} templates", prompts.names().len()),
        "Correct the template named above, or prompts.dir.",
    )
}

/// What is wrong with letters and with signing in elsewhere. Nothing is connected.
fn identity(config: &Config) -> Vec<(&'static str, Finding)> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdGen> = Arc::new(RandomIds);
    let letters = mailer(config, &clock, &ids).err().map(|error| {
        let mend = "Correct the key named above in the [mail] section.";
        ("mail", Finding::Ill(error.to_string(), mend))
    });
    let providers = identity_providers(config, &clock).err().map(|error| {
        let mend = "Correct the section named above.";
        ("sign-in", Finding::Ill(error.to_string(), mend))
    });
    letters.into_iter().chain(providers).collect()
}

async fn port(config: &Config) -> Finding {
    let address = (config.server.host, config.server.port);
    match tokio::net::TcpListener::bind(address).await {
        Ok(_) => Finding::Well(format!("{}:{} is free", address.0, address.1)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Finding::Note(format!("{}:{} is in use: a server runs there", address.0, address.1))
        }
        Err(error) => Finding::Ill(
            format!("{}:{}: {error}", address.0, address.1),
            "Set HOST and PORT to an address of this machine.",
        ),
    }
}

fn web_ui() -> Finding {
    if vpaura_server::has_web_ui() {
        Finding::Well("built in".to_owned())
    } else {
        Finding::Note("not built in; `make run` with Node installed builds it".to_owned())
    }
}
