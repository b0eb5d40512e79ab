//! The router: finds the model asked for, and sees to it that an answer comes or a clear error:
//! timers, retries, fallback to other models, circuit breakers, metrics.
//!
//! Everything that can be tried again is tried before the first token. From then on an answer is
//! one model's, and what breaks it is reported, never hidden by another model's words.

mod answer;
mod attempt;
pub(crate) mod breaker;
mod jitter;
pub(crate) mod retry;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::join_all;
use tokio::time::{Duration, Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use vpaura_domain::Clock;

use crate::extractive::ExtractiveModel;
use crate::settings::LimitSettings;
use crate::{
    ChatModel, ChatRequest, LlmError, ModelEvent, ModelInfo, ModelRef, ModelSettings, ModelStream,
    ProviderSettings, RetrySettings, RouterSettings, Timer, TimerSettings, catalog, http,
    providers,
};
use answer::Answer;
use attempt::Attempt;
use breaker::Breaker;
pub use breaker::CircuitState;
pub use jitter::Jitter;
use retry::{RetryBudget, wait_before_retry};

/// How long a provider's health check may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// Chooses and guards models. Cheap to clone; clones share circuits and budgets.
#[derive(Clone)]
pub struct Router {
    models: HashMap<ModelRef, Arc<Served>>,
    /// The models in the order they are offered.
    order: Vec<ModelRef>,
    providers: Vec<(String, Arc<dyn ChatModel>)>,
    default_model: ModelRef,
    fallbacks: Vec<ModelRef>,
    timers: TimerSettings,
    retry: RetrySettings,
    limits: LimitSettings,
    breaker: crate::BreakerSettings,
    budget: Arc<RetryBudget>,
    jitter: Jitter,
}

/// A model with what guards it.
struct Served {
    info: ModelInfo,
    model: Arc<dyn ChatModel>,
    breaker: Breaker,
    /// Its full name, as metrics carry it.
    label: Arc<str>,
}

/// The outcome of a provider's health check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderCheck {
    /// The provider's name in the settings.
    pub provider: String,
    /// Why it cannot be used, if so.
    pub result: Result<(), LlmError>,
}

impl Router {
    /// A router for these settings. The built-in model is always offered, and last. A local host
    /// (Ollama and the like) that the default model or a fallback names needs no settings.
    ///
    /// # Errors
    /// [`LlmError::Settings`] when they contradict themselves or miss something.
    pub fn new(mut settings: RouterSettings, clock: Arc<dyn Clock>) -> Result<Self, LlmError> {
        add_local_hosts(&mut settings);
        let builtin = ExtractiveModel::id();
        let mut router = Self {
            models: HashMap::new(),
            order: Vec::new(),
            providers: Vec::new(),
            default_model: builtin.clone(),
            fallbacks: settings.fallbacks.clone(),
            timers: settings.timers,
            retry: settings.retry,
            limits: settings.limits,
            breaker: settings.breaker,
            budget: Arc::new(RetryBudget::default()),
            jitter: Jitter::random(),
        };
        // A client loads certificates: not worth its time where nothing is to be called.
        if !settings.providers.is_empty() {
            let client = http::client(settings.timers.connect)?;
            for provider in &settings.providers {
                router.add_provider(provider, &settings, client.clone(), Arc::clone(&clock))?;
            }
        }
        let first = router.order.first().cloned();
        router.add(ExtractiveModel::info(), Arc::new(ExtractiveModel));
        router.default_model = settings.default_model.or(first).unwrap_or(builtin);
        for model in router.fallbacks.iter().chain([&router.default_model]) {
            if !router.models.contains_key(model) {
                return Err(LlmError::Settings(format!(
                    "model {model}: there is no provider {}",
                    model.provider
                )));
            }
        }
        Ok(router)
    }

    /// The same router with another source of jitter, for tests.
    #[must_use]
    pub fn with_jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// The same router with one more model, served by other code than the dialects here. It
    /// becomes the default when its `info` says so.
    #[must_use]
    pub fn with_model(mut self, info: ModelInfo, model: Arc<dyn ChatModel>) -> Self {
        let id = info.id.clone();
        if info.default {
            self.default_model = id.clone();
        }
        if !self.providers.iter().any(|(name, _)| *name == id.provider) {
            self.providers.push((id.provider.clone(), Arc::clone(&model)));
        }
        self.add(info, model);
        self
    }

    fn add_provider(
        &mut self,
        provider: &ProviderSettings,
        settings: &RouterSettings,
        client: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Result<(), LlmError> {
        let name = &provider.name;
        let wrong = |what: &str| LlmError::Settings(format!("provider {name}: {what}"));
        if name.is_empty() || name.contains('/') || name == &ExtractiveModel::id().provider {
            return Err(wrong("this name cannot be used"));
        }
        if self.providers.iter().any(|(other, _)| other == name) {
            return Err(wrong("there are two of this name"));
        }
        let host = providers::host_of(provider)?;
        if !host.chats() {
            return Ok(());
        }
        let local = host.local || providers::is_loopback(provider.base_url.as_deref());
        let models: Vec<ModelInfo> = offered(provider, settings)
            .iter()
            .map(|model| {
                let id = ModelRef::new(name.clone(), model.name.clone());
                ModelInfo::new(id, model, host.name, local)
            })
            .collect();
        if models.is_empty() {
            return Err(wrong("name the models that it serves"));
        }
        let model =
            providers::connect(provider, &models, settings.limits.event_bytes, client, clock)?;
        self.providers.push((name.clone(), Arc::clone(&model)));
        for info in models {
            self.add(info, Arc::clone(&model));
        }
        Ok(())
    }

    fn add(&mut self, mut info: ModelInfo, model: Arc<dyn ChatModel>) {
        // Told anew by `info()`, as the default may still change.
        info.default = false;
        let label: Arc<str> = info.id.to_string().into();
        let breaker = Breaker::new(self.breaker, Arc::clone(&label));
        self.order.push(info.id.clone());
        self.models.insert(info.id.clone(), Arc::new(Served { info, model, breaker, label }));
    }

    /// The model used where none is asked for.
    pub fn default_model(&self) -> ModelRef {
        self.default_model.clone()
    }

    /// The models that may answer where another one fails.
    pub fn fallbacks(&self) -> &[ModelRef] {
        &self.fallbacks
    }

    /// What is known of a model on offer.
    pub fn info(&self, model: &ModelRef) -> Option<ModelInfo> {
        let mut info = self.models.get(model)?.info.clone();
        info.default = info.id == self.default_model;
        Some(info)
    }

    /// The models on offer, in the order of the settings, the built-in one last.
    pub fn models(&self) -> Vec<ModelInfo> {
        self.order.iter().filter_map(|model| self.info(model)).collect()
    }

    /// The circuits that are not closed.
    pub fn open_circuits(&self) -> Vec<(ModelRef, CircuitState)> {
        self.order
            .iter()
            .filter_map(|model| Some((model.clone(), self.models.get(model)?.breaker.state())))
            .filter(|(_, state)| *state != CircuitState::Closed)
            .collect()
    }

    /// Asks every provider whether it can be reached and takes our key; costs no tokens and at
    /// most five seconds. Empty when only the built-in model is on offer.
    pub async fn check(&self) -> Vec<ProviderCheck> {
        join_all(self.providers.iter().map(|(provider, model)| async move {
            let result = timeout(CHECK_TIMEOUT, model.check())
                .await
                .unwrap_or(Err(LlmError::Timeout { which: Timer::Total }));
            ProviderCheck { provider: provider.clone(), result }
        }))
        .await
    }

    /// Asks `model`, or (as long as no token has come) the fallbacks after it. Resolves with the
    /// first piece of content at hand; the first event is [`ModelEvent::Serving`].
    ///
    /// Dropping the stream, or cancelling, closes the provider's connection.
    ///
    /// # Errors
    /// Why `model` did not answer, when no fallback did either.
    pub async fn stream(
        &self,
        model: &ModelRef,
        request: ChatRequest,
        cancel: CancellationToken,
    ) -> Result<ModelStream, LlmError> {
        let deadline = Instant::now() + self.timers.total;
        let answer = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(LlmError::Cancelled),
            () = sleep_until(deadline) => return Err(LlmError::Timeout { which: Timer::Total }),
            answer = self.first_to_answer(model, &request, deadline) => answer?,
        };
        Ok(Box::pin(Answer::new(
            answer,
            cancel,
            deadline,
            self.timers.between_tokens,
            self.limits.answer_bytes,
        )))
    }

    async fn first_to_answer(
        &self,
        model: &ModelRef,
        request: &ChatRequest,
        deadline: Instant,
    ) -> Result<Begun, LlmError> {
        let served = self.models.get(model).ok_or_else(|| LlmError::UnknownModel(model.clone()))?;
        self.budget.deposit();
        let error = match self.try_model(served, request, deadline).await {
            Ok(begun) => return Ok(begun),
            Err(error) => error,
        };
        for fallback in self.fallbacks.iter().filter(|fallback| *fallback != model) {
            let Some(served) = self.models.get(fallback) else { continue };
            tracing::warn!(%model, %fallback, %error, "a model failed, falling back");
            match self.try_model(served, request, deadline).await {
                Ok(begun) => return Ok(begun),
                Err(error) => tracing::warn!(model = %fallback, %error, "a fallback failed"),
            }
        }
        Err(error)
    }

    /// Asks one model, again where that may help.
    async fn try_model(
        &self,
        served: &Arc<Served>,
        request: &ChatRequest,
        deadline: Instant,
    ) -> Result<Begun, LlmError> {
        let mut attempts = 1;
        let mut attempt =
            Attempt::start(served).ok_or_else(|| LlmError::CircuitOpen(served.info.id.clone()))?;
        loop {
            let error = match begin(attempt, request, self.timers.first_token).await {
                Ok(begun) => return Ok(begun),
                Err(error) => error,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(wait) = wait_before_retry(&self.retry, attempts, &error, left, &self.jitter)
            else {
                return Err(error);
            };
            if !self.budget.withdraw() {
                tracing::warn!(model = %served.label, "too many retries lately, not retrying");
                return Err(error);
            }
            tracing::info!(model = %served.label, %error, ?wait, attempts, "retrying");
            sleep(wait).await;
            attempts += 1;
            // When this failure has opened the circuit, it is the news.
            let Some(next) = Attempt::start(served) else { return Err(error) };
            attempt = next;
        }
    }
}

/// A server on one's own machine needs no settings: to name a model of it is enough.
fn add_local_hosts(settings: &mut RouterSettings) {
    let named = settings.default_model.iter().chain(&settings.fallbacks);
    let names: Vec<String> = named.map(|model| model.provider.clone()).collect();
    for name in names {
        let local =
            providers::hosts().iter().any(|host| host.local && host.chats() && host.name == name);
        if local && !settings.providers.iter().any(|provider| provider.name == name) {
            settings.providers.push(ProviderSettings::new(name));
        }
    }
}

/// The models a provider offers: those of its settings, else those of the catalogue, and in any
/// case those that the settings name as default or fallback.
fn offered(provider: &ProviderSettings, settings: &RouterSettings) -> Vec<ModelSettings> {
    let mut models = provider.models.clone();
    if models.is_empty() {
        models.extend(catalog::of_host(&provider.kind).map(|known| known.model.into()));
    }
    let named = settings.default_model.iter().chain(&settings.fallbacks);
    for model in named.filter(|model| model.provider == provider.name) {
        if !models.iter().any(|offered| offered.name == model.model) {
            models.push(model.model.as_str().into());
        }
    }
    let mut seen = std::collections::HashSet::new();
    models.retain(|model| seen.insert(model.name.clone()));
    models
}

/// An answer whose first content is at hand.
struct Begun {
    attempt: Attempt,
    first: VecDeque<ModelEvent>,
    rest: ModelStream,
}

/// Asks the model and waits for its first content. What fails before is recorded here; a dropped
/// attempt records itself.
async fn begin(
    mut attempt: Attempt,
    request: &ChatRequest,
    first_token: Duration,
) -> Result<Begun, LlmError> {
    let served = Arc::clone(attempt.served());
    let mut first = VecDeque::from([ModelEvent::Serving(served.info.id.clone())]);
    let mut usage = None;
    let opening = async {
        let mut rest = served.model.stream(&served.info.id.model, request).await?;
        loop {
            match rest.next().await {
                Some(Ok(event)) if event.is_content() => {
                    first.extend(usage.map(ModelEvent::Usage));
                    first.push_back(event);
                    return Ok(rest);
                }
                Some(Ok(ModelEvent::Usage(tokens))) => usage = Some(tokens),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Err(LlmError::incomplete("the stream ended without a word")),
            }
        }
    };
    let result = timeout(first_token, opening)
        .await
        .unwrap_or(Err(LlmError::Timeout { which: Timer::FirstToken }));
    if let Some(tokens) = usage {
        attempt.note_usage(tokens);
    }
    match result {
        Ok(rest) => {
            attempt.has_answered();
            Ok(Begun { attempt, first, rest })
        }
        Err(error) => {
            attempt.fail(&error);
            Err(error)
        }
    }
}
