//! The dialects and the router against a real HTTP server that speaks the providers' formats.

mod anthropic;
mod builtin;
mod faults;
mod metrics;
mod openai;
mod routing;
mod support;
mod timers;
