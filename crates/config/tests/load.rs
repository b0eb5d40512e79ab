//! What operators see: layers, names, refusals and secrets.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;
use tempfile::TempDir;
use vpaura_config::{
    AllowedOrigins, ApproveTools, Config, Environment, LogFormat, LogLevel, Problem, Registration,
    Sources, StorageConfig, ToolName,
};

const STRONG: &str = "kV9#qT2!xW7@mZ4$pL8%nB3^rD6&hF1*";

/// A folder to load from, and the environment to load with.
struct Case {
    dir: TempDir,
    env: BTreeMap<String, String>,
}

impl Case {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), env: BTreeMap::new() }
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.dir.path().join(name), text).unwrap();
        self
    }

    fn toml(self, text: &str) -> Self {
        self.file("vpaura.toml", text)
    }

    fn load(&self) -> Result<Config, vpaura_config::ConfigError> {
        Config::load(&Sources {
            env: self.env.clone(),
            directory: self.dir.path().to_owned(),
            entropy: || Ok([7; 32]),
        })
    }

    fn ok(&self) -> Config {
        self.load().unwrap()
    }

    /// The problems as text, with the folder's name taken out.
    fn problems(&self) -> String {
        let error = self.load().unwrap_err().to_string();
        error.replace(&format!("{}/", self.dir.path().display()), "")
    }
}

fn production() -> Case {
    Case::new().env("ENVIRONMENT", "production")
}

#[test]
fn nothing_configured_is_a_working_development_server() {
    let case = Case::new();
    let config = case.ok();
    assert_eq!(config.app.environment, Environment::Development);
    assert_eq!(config.server.host.to_string(), "127.0.0.1");
    assert_eq!(config.server.port, 8000);
    assert_eq!(config.server.allowed_origins, AllowedOrigins::Exactly(vec![]));
    assert_eq!(config.llm.model, "builtin/extractive");
    assert!(config.llm.providers.is_empty());
    assert!(config.redis.url.is_none());
    assert_eq!(config.limits.window, Duration::from_secs(60));
    assert_eq!((config.database.pool_size, config.database.max_overflow), (20, 10));
    assert_eq!(config.log.format, LogFormat::Pretty);
    let database = case.dir.path().join("data").join("vpaura.db");
    assert_eq!(
        config.database.url.expose_secret(),
        format!("sqlite://{}?mode=rwc", database.display())
    );
}

#[test]
fn later_layers_win_over_earlier_ones() {
    let case = Case::new().toml("[server]\nport = 1\nheartbeat_seconds = 5\nheader_count = 50\n");
    assert_eq!(case.ok().server.port, 1);
    let case = case.file(".env", "export PORT=2\nVPAURA__SERVER__HEARTBEAT_SECONDS='6'\n");
    assert_eq!(case.ok().server.port, 2);
    let case = case.env("PORT", "3");
    assert_eq!(case.ok().server.port, 3);
    let case = case.env("VPAURA__SERVER__PORT", "4");
    let server = case.ok().server;
    assert_eq!(
        (server.port, server.heartbeat, server.header_count),
        (4, Duration::from_secs(6), 50)
    );
}

#[test]
fn the_usual_names_work_as_they_are() {
    let config = Case::new()
        .env("APP_NAME", "Aura")
        .env("DATABASE_URL", "postgresql+asyncpg://u:hunter2@localhost:5432/d")
        .env("DATABASE_POOL_SIZE", "7")
        .env("DATABASE_MAX_OVERFLOW", "0")
        .env("REDIS_URL", "redis://:hunter2@localhost")
        .env("OPENAI_API_KEY", "sk-1")
        .env("OPENAI_BASE_URL", "http://localhost:9/v1/")
        .env("ANTHROPIC_API_KEY", "sk-2")
        .env("ANTHROPIC_BASE_URL", "http://localhost:8")
        .env("LLM_MODEL", "gpt-4")
        .env("LLM_TEMPERATURE", "0.7")
        .env("LLM_MAX_TOKENS", "2000")
        .env("ALLOWED_ORIGINS", "http://localhost:3000, https://A.example.com/")
        .env("RATE_LIMIT_REQUESTS", "5")
        .env("RATE_LIMIT_WINDOW", "6")
        .env("LOG_LEVEL", "WARNING")
        .env("JWT_SECRET_KEY", STRONG)
        .env("SESSION_SECRET", STRONG)
        .env("VPAURA_API_KEY", "operator")
        .env("DEBUG", "True")
        .env("ENVIRONMENT", "Development")
        .env("HOST", "0.0.0.0")
        .env("PORT", "0")
        .env("BEDROCK_MODEL_ID", "m")
        .env("AWS_REGION", "eu-west-1")
        .ok();
    assert_eq!(config.app.name, "Aura");
    assert_eq!(config.database.url.expose_secret(), "postgres://u:hunter2@localhost:5432/d");
    assert_eq!((config.database.pool_size, config.database.max_overflow), (7, 0));
    assert_eq!(config.llm.model, "openai/gpt-4");
    assert_eq!(config.llm.temperature, Some(0.7));
    assert_eq!(config.llm.max_tokens, 2000);
    let [anthropic, openai] = config.llm.providers.as_slice() else { panic!("two providers") };
    assert_eq!((anthropic.kind.as_str(), openai.kind.as_str()), ("anthropic", "openai"));
    assert_eq!(openai.base_url.as_deref(), Some("http://localhost:9/v1"));
    assert_eq!(
        config.server.allowed_origins,
        AllowedOrigins::Exactly(vec![
            "http://localhost:3000".into(),
            "https://a.example.com".into()
        ])
    );
    assert_eq!((config.limits.requests, config.limits.window.as_secs()), (5, 6));
    assert_eq!(config.log.level, LogLevel::Warn);
    assert_eq!(config.auth.api_key.unwrap().expose_secret(), "operator");
    assert_eq!(config.llm.bedrock.region.as_deref(), Some("eu-west-1"));
    // Of Bedrock, and of files that other servers would not see.
    assert_eq!(config.notices.len(), 2, "{:?}", config.notices);
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let config = Case::new().env("OPENAI_API_KEY", "").env("PORT", " ").env("REDIS_URL", "").ok();
    assert_eq!(config.llm.model, "builtin/extractive");
    assert_eq!(config.server.port, 8000);
    assert!(config.redis.url.is_none());
}

#[test]
fn unknown_names_are_refused_with_the_nearest_known_one() {
    let case = Case::new()
        .toml("port = 1\n[server]\nprot = 1\n[llm.providers.groq]\napi_kye = \"s3cret\"\n[quark]\n")
        .env("VPAURA__SERVER__HOTS", "x")
        .env("VPAURA__NOTHING", "x");
    insta::assert_snapshot!(case.problems(), @r#"
    the configuration is not valid:
      - llm.providers.groq.api_kye: unknown key (vpaura.toml); did you mean llm.providers.groq.api_key?
      - port: unknown key (vpaura.toml); did you mean server.port?
      - quark: unknown key (vpaura.toml)
      - server.prot: unknown key (vpaura.toml); did you mean server.port?
      - VPAURA__NOTHING: unknown key (environment variable VPAURA__NOTHING)
      - VPAURA__SERVER__HOTS: unknown key (environment variable VPAURA__SERVER__HOTS); did you mean VPAURA__SERVER__HOST?
    "#);
}

#[test]
fn all_problems_show_at_once_and_name_key_value_and_expectation() {
    let case = Case::new()
        .toml(
            "server = { host = \"nowhere\", trusted_proxies = [\"10.0.0.0/99\"] }\n\
             limits = 3\n\
             [runs]\nrenew_seconds = 8\n[log]\nlevel = \"loud\"\nformat = 1\n",
        )
        .file(".env", "LLM_TEMPERATURE=9")
        .env("PORT", "70000")
        .env("DEBUG", "perhaps")
        .env("ALLOWED_ORIGINS", "null")
        .env("LLM_MAX_TOKENS", "many");
    insta::assert_snapshot!(case.problems(), @r#"
    the configuration is not valid:
      - limits: expected a section, got 3 (vpaura.toml)
      - log.format: expected a text, got 1 (vpaura.toml)
      - app.debug: expected true or false, got "perhaps" (environment variable DEBUG)
      - llm.max_tokens: expected a whole number, got "many" (environment variable LLM_MAX_TOKENS)
      - server.host: expected an IP address, got "nowhere" (vpaura.toml)
      - server.port: expected a whole number from 0 to 65535, got 70000 (environment variable PORT)
      - server.allowed_origins: expected each to be "*", or an origin such as https://chat.example.com without a path, got ["null"] (environment variable ALLOWED_ORIGINS)
      - server.trusted_proxies: expected each to be an address or a network such as 10.0.0.0/8, got ["10.0.0.0/99"] (vpaura.toml)
      - llm.temperature: expected a number from 0 to 2, got 9.0 (LLM_TEMPERATURE in .env)
      - runs.renew_seconds: expected at most half of runs.lease_seconds, got 8 (vpaura.toml)
      - log.level: expected one of "error", "warn", "warning", "info", "debug", "trace", got "loud" (vpaura.toml)
    "#);
}

#[test]
fn a_file_that_is_no_toml_is_named_with_its_line_but_not_its_text() {
    let problems = Case::new().toml("[auth]\napi_key = \"hunter2\n").problems();
    assert!(problems.contains("vpaura.toml:2"), "{problems}");
    assert!(!problems.contains("hunter2"), "{problems}");
}

#[test]
fn a_named_file_must_exist_and_the_usual_one_need_not() {
    let case =
        Case::new().file("other.toml", "[server]\nport = 9\n").env("VPAURA_CONFIG", "other.toml");
    assert_eq!(case.ok().server.port, 9);
    let problems = case.env("VPAURA_CONFIG", "absent.toml").problems();
    assert!(problems.contains("absent.toml: cannot be read"), "{problems}");
}

#[test]
fn models_belong_to_the_provider_that_is_configured() {
    let model = |vars: &[(&str, &str)]| {
        let case = vars.iter().fold(Case::new(), |case, (name, value)| case.env(name, value));
        case.load().map(|config| config.llm.model).map_err(|error| error.problems.len())
    };
    let openai = ("OPENAI_API_KEY", "k");
    let anthropic = ("ANTHROPIC_API_KEY", "k");
    let local = ("OPENAI_BASE_URL", "http://localhost:1/v1");
    for (vars, wanted) in [
        (&[openai][..], Ok("openai/gpt-4.1-mini")),
        (&[anthropic], Ok("anthropic/claude-sonnet-4-5")),
        (&[openai, anthropic], Ok("openai/gpt-4.1-mini")),
        (&[openai, ("LLM_MODEL", "gpt-4")], Ok("openai/gpt-4")),
        (&[openai, ("LLM_MODEL", "openai/gpt-4")], Ok("openai/gpt-4")),
        (&[openai, anthropic, ("LLM_MODEL", "claude-x")], Ok("anthropic/claude-x")),
        (&[openai, ("LLM_MODEL", "builtin/extractive")], Ok("builtin/extractive")),
        (&[local, ("LLM_MODEL", "meta-llama/llama-4")], Ok("openai/meta-llama/llama-4")),
        (&[("LLM_MODEL", "ollama/llama3.2")], Ok("ollama/llama3.2")),
        (&[local], Err(1)),
        (&[("LLM_MODEL", "gpt-4")], Err(1)),
        (&[openai, ("LLM_MODEL", "anthropic/claude-x")], Err(1)),
        (&[("LLM_MODEL", "builtin/other")], Err(1)),
    ] {
        assert_eq!(model(vars), wanted.map(str::to_owned), "{vars:?}");
    }
}

#[test]
fn providers_and_models_are_sections_of_the_operator() {
    let config = Case::new()
        .toml(
            r#"
            [llm]
            fallbacks = ["azure-eu/gpt-4o", "ollama/llama3.2"]
            [llm.providers.azure-eu]
            kind = "azure"
            base_url = "https://eu.example.com"
            api_version = "2024-10-21"
            models = ["gpt-4o"]
            [llm.models."azure-eu/gpt-4o"]
            context_window = 128_000
            input_price = 2_500_000
            "#,
        )
        .env("VPAURA__LLM__PROVIDERS__GROQ__API_KEY", "k")
        .ok();
    let names: Vec<_> = config.llm.providers.iter().map(|p| (&*p.name, &*p.kind)).collect();
    assert_eq!(names, [("azure-eu", "azure"), ("groq", "groq"), ("ollama", "ollama")]);
    assert_eq!(config.llm.model, "azure-eu/gpt-4o");
    assert_eq!(config.llm.fallbacks, ["azure-eu/gpt-4o", "ollama/llama3.2"]);
    let model = &config.llm.models["azure-eu/gpt-4o"];
    assert_eq!((model.context_window, model.input_price), (Some(128_000), Some(2_500_000)));
    assert_eq!(model.max_output, None);
}

#[test]
fn production_refuses_missing_short_known_and_dull_secrets() {
    for (secret, reason) in [
        ("", "missing"),
        ("short", "at least 32 bytes"),
        ("please-changeme-please-changeme-please", "known default"),
        ("32 random bytes or more, as the file says", "known default"),
        (&"ab".repeat(40), "random bytes"),
    ] {
        let given = production().env("SESSION_SECRET", secret).env("JWT_SECRET_KEY", secret);
        let problems = given.problems();
        assert!(problems.contains("auth.session_secret"), "{problems}");
        assert!(problems.contains("auth.jwt_secret"), "{problems}");
        assert!(problems.contains(reason), "{secret:?}: {problems}");
        assert!(secret.is_empty() || !problems.contains(secret), "{problems}");
    }
    let strong = || production().env("SESSION_SECRET", STRONG).env("JWT_SECRET_KEY", STRONG);
    let case = strong();
    let config = case.ok();
    assert_eq!(config.auth.session_secret.expose_secret(), STRONG);
    assert_eq!(config.log.format, LogFormat::Json);
    assert!(!case.dir.path().join("data").exists(), "production generates nothing");
    for name in ["JWT_SECRET_KEY", "VPAURA_API_KEY"] {
        let problems = strong().env(name, "weak").problems();
        assert!(problems.contains("in production"), "{problems}");
    }
}

#[test]
fn who_has_redis_is_told_of_secrets_that_no_other_server_has() {
    let told = |case: &Case| {
        let notices = case.ok().notices;
        notices.iter().filter(|it| it.contains("on all")).cloned().collect::<Vec<_>>()
    };
    let case = Case::new().env("REDIS_URL", "redis://localhost");
    assert_eq!(told(&case).len(), 2);
    let case = case.env("SESSION_SECRET", STRONG);
    let left = told(&case);
    assert!(left.len() == 1 && left[0].contains("JWT_SECRET_KEY"), "{left:?}");
    assert!(told(&Case::new()).is_empty());
}

#[test]
fn development_generates_secrets_once_and_keeps_them_private() {
    let case = Case::new();
    let first = case.ok();
    assert_eq!(first.auth.session_secret.expose_secret(), "07".repeat(32));
    assert_eq!(first.auth.jwt_secret.expose_secret(), "07".repeat(32));
    assert_eq!(first.notices.len(), 2);
    let second = Config::load(&Sources {
        env: BTreeMap::new(),
        directory: case.dir.path().to_owned(),
        entropy: || Ok([8; 32]),
    })
    .unwrap();
    assert_eq!(second.auth.session_secret.expose_secret(), "07".repeat(32));
    assert!(second.notices.is_empty());
    assert_eq!(names_in(&case.dir.path().join("data")), ["jwt_secret", "session_secret"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = case.dir.path().join("data/session_secret");
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

fn names_in(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap();
    let mut names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_damaged_secret_file_is_reported_not_replaced() {
    let case = Case::new();
    fs::create_dir(case.dir.path().join("data")).unwrap();
    let case = case.file("data/session_secret", "abc");
    let error = case.load().unwrap_err();
    assert!(matches!(error.problems.as_slice(), [Problem::Unreadable { .. }]), "{error}");
}

#[test]
fn no_secret_is_in_debug_output_or_in_problems() {
    let secrets = |case: Case| {
        case.env("DATABASE_URL", "postgres://u:hunter2@h/d")
            .env("REDIS_URL", "redis://:hunter2@h")
            .env("OPENAI_API_KEY", "hunter2")
            .env("SESSION_SECRET", "hunter2hunter2hunter2hunter2hunter2")
            .env("VPAURA_API_KEY", "hunter2")
            .env("JWT_SECRET_KEY", "hunter2")
    };
    let shown = format!("{:?}", secrets(Case::new()).ok());
    assert!(!shown.contains("hunter2"), "{shown}");
    let bad = secrets(production())
        .env("DATABASE_URL", "mysql://u:hunter2@h/d")
        .env("REDIS_URL", "http://u:hunter2@h/d")
        .env("OPENAI_BASE_URL", "ftp://u:hunter2@h/d")
        .toml("[auth]\napi_key = [\"hunter2\"]\n")
        .problems();
    assert!(bad.lines().count() > 4, "{bad}");
    assert!(!bad.contains("hunter2"), "{bad}");
}

#[test]
fn the_reference_file_is_itself_a_valid_configuration() {
    let case = Case::new();
    case.ok();
    let default = format!("{:?}", case.ok());
    let case = case.toml(Config::reference());
    assert_eq!(format!("{:?}", case.ok()), default);
    let live: Vec<String> = Config::reference()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest.to_owned(),
            _ => line.to_owned(),
        })
        .collect();
    let everything = live.join("\n").replace("openai/gpt-4.1-mini", "example/gpt-4.1-mini");
    let config = Case::new().toml(&everything).ok();
    assert_eq!(config.llm.providers.len(), 1);
    assert_eq!(config.prompts.dir.unwrap().file_name().unwrap(), "prompts");
}

#[test]
fn tools_are_those_that_there_are() {
    let config = Case::new().ok();
    assert_eq!(
        config.tools.enabled,
        [
            ToolName::CurrentTime,
            ToolName::SearchFiles,
            ToolName::SearchCollections,
            ToolName::RenameConversation
        ]
    );
    assert_eq!(config.tools.approve, ApproveTools::Effects);
    let config = Case::new()
        .env("VPAURA__TOOLS__ENABLED", "search_files,search_files")
        .env("VPAURA__TOOLS__APPROVE", "Always")
        .ok();
    assert_eq!(config.tools.enabled, [ToolName::SearchFiles]);
    assert_eq!(config.tools.approve, ApproveTools::Always);
    let none = Case::new().toml("[tools]\nenabled = []").ok();
    assert_eq!(none.tools.enabled, []);

    let problems = Case::new()
        .toml("[tools]\nenabled = [\"curent_time\", \"shell\"]\napprove = \"often\"")
        .problems();
    insta::assert_snapshot!(problems, @r#"
    the configuration is not valid:
      - tools.enabled: expected each to be one of "current_time", "search_files", "search_collections", "rename_conversation" (did you mean "current_time"?), got ["curent_time", "shell"] (vpaura.toml)
      - tools.approve: expected one of "effects", "always", "never", got "often" (vpaura.toml)
    "#);
}

#[test]
fn who_may_register_follows_from_the_environment_unless_it_is_said() {
    assert_eq!(Case::new().ok().auth.policy.registration, Registration::Open);
    let strong = || production().env("SESSION_SECRET", STRONG).env("JWT_SECRET_KEY", STRONG);
    assert_eq!(strong().ok().auth.policy.registration, Registration::Invitation);
    let said = strong().env("VPAURA__AUTH__REGISTRATION", "closed");
    assert_eq!(said.ok().auth.policy.registration, Registration::Closed);
    let wrong = Case::new().toml("[auth]\nregistration = \"some\"\ndefault_role = \"root\"\n");
    let problems = wrong.problems();
    assert!(problems.contains("auth.registration: expected one of"), "{problems}");
    assert!(problems.contains("auth.default_role: expected one of"), "{problems}");
}

#[test]
fn providers_of_identity_are_read_and_checked() {
    let toml = "[auth.oidc.acme]\nissuer = \"https://id.acme.example\"\nclient_id = \"us\"\n\
                groups_claim = \"groups\"\nrole_map = [\"cn=ops,dc=x = admin\", \"all=viewer\"]\n";
    let problems = Case::new().toml(toml).problems();
    assert!(problems.contains("server.public_url: missing"), "{problems}");
    let case = Case::new().toml(&format!("[server]\npublic_url = \"https://us.example\"\n{toml}"));
    let secret = case.env("VPAURA__AUTH__OIDC__ACME__CLIENT_SECRET", "hunter2");
    let config = secret.ok();
    let [acme] = config.auth.oidc.as_slice() else { panic!("{:?}", config.auth.oidc) };
    assert_eq!((acme.id.as_str(), acme.name.as_str()), ("acme", "acme"));
    let map = [("cn=ops,dc=x".to_owned(), "admin"), ("all".to_owned(), "viewer")];
    assert_eq!(acme.role_map, map);
    assert_eq!((acme.create_users, acme.trust_email), (None, false));
    assert!(!format!("{acme:?}").contains("hunter2"));
    assert_eq!(acme.scopes, ["profile", "email"]);
    let said = "create_users = false\ntrust_email = true\n";
    let toml = format!("[server]\npublic_url = \"https://us.example\"\n{toml}{said}");
    let [acme] = &Case::new().toml(&toml).ok().auth.oidc[..] else { panic!("one provider") };
    assert_eq!((acme.create_users, acme.trust_email), (Some(false), true));
    let bad = "[server]\npublic_url = \"https://us.example\"\n\
               [auth.oidc.acme]\nissuer = \"ftp://x\"\nrole_map = [\"a=root\"]\n";
    let problems = Case::new().toml(bad).problems();
    for key in ["issuer", "client_id", "role_map"] {
        assert!(problems.contains(&format!("auth.oidc.acme.{key}")), "{problems}");
    }
}

#[test]
fn letters_need_a_server_and_a_sender() {
    assert!(Case::new().ok().mail.is_none());
    let toml = "[server]\npublic_url = \"https://us.example\"\n\
                [mail]\nurl = \"smtps://u:hunter2@mail.example\"\nfrom = \"us@example.org\"\n";
    let mail = Case::new().toml(toml).ok().mail.unwrap();
    assert_eq!(mail.from, "us@example.org");
    assert!(!format!("{mail:?}").contains("hunter2"));
    for toml in ["[mail]\nurl = \"smtp://h\"\n", "[mail]\nfrom = \"a@b.example\"\n"] {
        assert!(Case::new().toml(toml).problems().contains("mail."), "{toml}");
    }
    let wrong = "[mail]\nurl = \"https://hunter2@h\"\nfrom = \"a@b.example\"\n";
    let problems = Case::new().toml(wrong).problems();
    assert!(problems.contains("mail.url") && !problems.contains("hunter2"), "{problems}");
}

#[test]
fn files_are_kept_on_disk_or_in_a_bucket() {
    let config = Case::new().ok();
    assert!(matches!(config.files.storage, StorageConfig::Local));
    assert_eq!(config.files.scanner, None);
    let case = Case::new()
        .toml("[files]\nstorage = \"s3\"\ns3_endpoint = \"ftp://x\"\n")
        .env("VPAURA__FILES__S3_SECRET_KEY", "s3cret-of-the-tests");
    insta::assert_snapshot!(case.problems(), @r#"
    the configuration is not valid:
      - files.s3_endpoint: expected an address that starts with https:// or http://, got "ftp://x" (vpaura.toml)
      - files.s3_bucket: missing: needed with files.storage = "s3"
      - files.s3_access_key: missing: the key's id and its secret go together
    "#);
    let config = Case::new()
        .toml(
            "[files]\nstorage = \"s3\"\ns3_endpoint = \"http://127.0.0.1:9/\"\ns3_bucket = \"b\"\n",
        )
        .env("VPAURA__FILES__S3_ACCESS_KEY", "id")
        .env("VPAURA__FILES__S3_SECRET_KEY", "s3cret-of-the-tests")
        .ok();
    assert!(!format!("{config:?}").contains("s3cret-of-the-tests"));
    let StorageConfig::S3(s3) = config.files.storage else { panic!("a bucket") };
    assert_eq!(s3.endpoint.as_deref(), Some("http://127.0.0.1:9"));
    assert_eq!((s3.bucket.as_str(), s3.region.as_str()), ("b", "us-east-1"));
}

#[test]
fn what_searches_by_meaning_is_checked_at_the_start() {
    let case = Case::new();
    let knowledge = case.ok().knowledge;
    assert_eq!((knowledge.embedder, knowledge.reranker), (None, None));
    assert_eq!(knowledge.models_dir, case.dir.path().join("data").join("models"));
    let elsewhere = Case::new().env("DATA_DIR", "/srv/vpaura").ok();
    assert_eq!(elsewhere.knowledge.models_dir, Path::new("/srv/vpaura/models"));
    assert!(!knowledge.allow_private_urls);

    let config = Case::new()
        .toml(
            "[llm.providers.judge]\nkind = \"jina\"\napi_key = \"k\"\n\
             [knowledge]\nembedder = \"ollama/nomic-embed-text\"\nreranker = \"judge/m\"\n\
             models_dir = \"/srv/models\"\nhub_url = \"http://hub:8080/\"\nmodel_threads = 3\n",
        )
        .ok();
    assert_eq!(config.llm.model, "builtin/extractive", "a judge answers nobody");
    let knowledge = config.knowledge;
    assert_eq!(knowledge.embedder.as_deref(), Some("ollama/nomic-embed-text"));
    assert_eq!(knowledge.reranker.as_deref(), Some("judge/m"));
    assert_eq!(knowledge.models_dir, Path::new("/srv/models"));
    assert_eq!(knowledge.hub_url, "http://hub:8080");
    assert_eq!(knowledge.model_threads.map(usize::from), Some(3));

    let problems = Case::new()
        .toml(
            "[knowledge]\nembedder = \"nowhere/m\"\nreranker = \"local/\"\nhub_url = \"ftp://x\"\n",
        )
        .problems();
    for key in ["knowledge.embedder", "knowledge.reranker", "knowledge.hub_url"] {
        assert!(problems.contains(key), "{problems}");
    }
}

#[test]
fn a_text_may_be_larger_than_the_file_it_is_made_of() {
    let text_bytes = |upload: u64| {
        let toml = format!(
            "[limits]\nupload_bytes = {upload}\n[files]\nextract_text_bytes = 50_000_000\n"
        );
        Case::new().toml(&toml).ok().files.extract.text_bytes
    };
    assert_eq!(text_bytes(10_000_000), 50_000_000);
    assert_eq!(text_bytes(100_000_000), 300_000_000);
    assert_eq!(text_bytes(2_000_000_000), 1 << 30);
}
