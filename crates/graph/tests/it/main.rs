//! The graph engine from outside: what its users can rely on, one module for each part of it.

mod interrupts;
mod scenarios;
mod smoke;
mod support;
