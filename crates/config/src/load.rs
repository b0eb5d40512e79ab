//! Puts the layers together.

use secrecy::{ExposeSecret, SecretString};

use crate::environment;
use crate::error::{ConfigError, Origin, Problem};
use crate::reader::Reader;
use crate::schema::{DEFAULT_FILE, Schema};
use crate::secret_file;
use crate::sections::app::AppConfig;
use crate::sections::auth::{AuthConfig, GivenAuth, MIN_SECRET_BYTES};
use crate::sections::files::{FilesConfig, StorageConfig};
use crate::sections::knowledge::KnowledgeConfig;
use crate::sections::limits::LimitsConfig;
use crate::sections::llm::LlmConfig;
use crate::sections::log::{LogConfig, PromptsConfig};
use crate::sections::mail::MailConfig;
use crate::sections::runs::RunsConfig;
use crate::sections::server::ServerConfig;
use crate::sections::storage::{DataConfig, DatabaseConfig, RedisConfig};
use crate::sections::tools::ToolsConfig;
use crate::settings::Settings;
use crate::sources::Sources;

/// Everything that can be configured. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// What this installation is.
    pub app: AppConfig,
    /// Listening.
    pub server: ServerConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// What joins several servers.
    pub redis: RedisConfig,
    /// Files on disk.
    pub data: DataConfig,
    /// Models.
    pub llm: LlmConfig,
    /// What models may use.
    pub tools: ToolsConfig,
    /// What one caller may do.
    pub limits: LimitsConfig,
    /// Where the bytes of files are kept, and how files are read.
    pub files: FilesConfig,
    /// Embedders, rerankers, local models and foreign pages.
    pub knowledge: KnowledgeConfig,
    /// Runs.
    pub runs: RunsConfig,
    /// Who may come in, and how they prove it.
    pub auth: AuthConfig,
    /// Letters; none are sent without it.
    pub mail: Option<MailConfig>,
    /// Prompt templates.
    pub prompts: PromptsConfig,
    /// Logging.
    pub log: LogConfig,
    /// What the operator should know though nothing is wrong, as sentences.
    pub notices: Vec<String>,
}

impl Config {
    /// Reads and checks all sources. In development it may create the data folder and
    /// secrets in it. The error holds every problem found.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let schema = Schema::load().map_err(|error| ConfigError {
            problems: vec![Problem::Syntax {
                path: "config.default.toml".to_owned(),
                line: 0,
                reason: error.message().to_owned(),
            }],
        })?;
        let settings = layered(&schema, sources, &mut problems);

        let mut notices = Vec::new();
        let mut r = Reader::new(&settings, &mut problems, &mut notices);
        let app = AppConfig::read(&mut r);
        let server = ServerConfig::read(&mut r);
        let data = DataConfig::read(&mut r, &sources.directory);
        let database = DatabaseConfig::read(&mut r, &data);
        let redis = RedisConfig::read(&mut r);
        let llm = LlmConfig::read(&mut r);
        let tools = ToolsConfig::read(&mut r);
        let limits = LimitsConfig::read(&mut r);
        let files = FilesConfig::read(&mut r, limits.upload_bytes);
        let knowledge =
            KnowledgeConfig::read(&mut r, &sources.directory, &data.dir, &llm.providers);
        let runs = RunsConfig::read(&mut r);
        let given = GivenAuth::read(&mut r, &app, &server);
        let mail = MailConfig::read(&mut r, &server);
        let prompts = PromptsConfig::read(&mut r, &sources.directory);
        let log = LogConfig::read(&mut r, &app);
        if llm.bedrock.model_id.is_some() {
            r.notice(
                "BEDROCK_MODEL_ID is set, but Amazon Bedrock comes in a later version.".into(),
            );
        }

        if redis.url.is_some() && matches!(files.storage, StorageConfig::Local) {
            r.notice(
                "files.storage is \"local\": if there are other servers, they need the same folder \
                 of files, or a bucket."
                    .into(),
            );
        }

        if !problems.is_empty() {
            return Err(ConfigError { problems });
        }
        let mut kept = |secret: &Option<SecretString>, key, name| {
            if secret.is_none() && redis.url.is_some() {
                notices.push(format!(
                    "auth.{key} is this server's own; if there are others, set {name} on all."
                ));
            }
            kept_secret(secret.clone(), key, &data, sources, &mut notices)
        };
        let session_secret = kept(&given.session_secret, "session_secret", "SESSION_SECRET")?;
        let jwt_secret = kept(&given.jwt_secret, "jwt_secret", "JWT_SECRET_KEY")?;
        let auth = given.with_secrets(session_secret, jwt_secret);
        Ok(Self {
            app,
            server,
            database,
            redis,
            data,
            llm,
            tools,
            limits,
            files,
            knowledge,
            runs,
            auth,
            mail,
            prompts,
            log,
            notices,
        })
    }

    /// The commented reference of all keys, `config.default.toml`.
    pub const fn reference() -> &'static str {
        DEFAULT_FILE
    }
}

fn layered<'a>(schema: &'a Schema, sources: &Sources, problems: &mut Vec<Problem>) -> Settings<'a> {
    let mut settings = Settings::of_defaults(schema);
    if let Some((path, text)) = sources.file(problems) {
        settings.apply_file(&path, &text, problems);
    }
    let dotenv = sources.dotenv(problems);
    environment::apply(&mut settings, &dotenv, Origin::Dotenv, problems);
    environment::apply(&mut settings, &sources.env, Origin::Environment, problems);
    settings
}

/// The secret that was given, else the one kept in the data folder. (In production its absence
/// was already a problem.)
fn kept_secret(
    given: Option<SecretString>,
    key: &str,
    data: &DataConfig,
    sources: &Sources,
    notices: &mut Vec<String>,
) -> Result<SecretString, ConfigError> {
    if let Some(secret) = given {
        if secret.expose_secret().len() < MIN_SECRET_BYTES {
            notices.push(format!(
                "auth.{key} has fewer than {MIN_SECRET_BYTES} bytes; production refuses that."
            ));
        }
        return Ok(secret);
    }
    let dir = data.dir.display();
    match secret_file::load_or_generate(&data.dir, key, sources.entropy) {
        Ok((secret, is_new)) => {
            if is_new {
                notices.push(format!("A secret was generated and is kept in {dir}/{key}."));
            }
            Ok(secret)
        }
        Err(error) => Err(ConfigError {
            problems: vec![Problem::Unreadable {
                path: data.dir.join(key).display().to_string(),
                reason: error.to_string(),
            }],
        }),
    }
}
