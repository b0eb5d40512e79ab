//! The graph engine from outside: what its users can rely on, one module for each part of it.

mod building;
mod crash;
mod deferred;
mod dropped;
mod effects;
mod failing;
mod finite;
mod interrupts;
mod joins;
mod logs;
mod nested;
mod random;
mod reducers;
mod running;
mod scenarios;
mod seeing;
mod smoke;
mod stopped;
mod support;
mod threads;
mod told;
mod travel;
mod versions;
mod waiting;
mod warnings;
mod wiring;
