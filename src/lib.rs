//! huiqi (惠企) decides every measure of a city's enterprise-support notice for every enterprise: with reasons, with
//! amounts exact to the 分, and as a published run that never changes.
//!
//! The law is not here. It stands in a pipeline folder (`pipelines/…`): sources, facts, measures, parameters,
//! indicators. Adding a measure touches no Rust; if a file under `src/` names an article or a threshold, it is wrong.
//!
//! # The flow
//! ```text
//! files ─ sources ─▶ CheckedTables + rejects ─ delivery ─▶ findings
//!                        └─ facts ─▶ World ─ measures ─▶ Decided ─ settlement ─▶ Settled ─ ledger ─▶ Lines
//!                                                └──── indicators ──────────────────────────────────▶ Kpi ─┐
//!                                                                             reports ◀──────────┴── publish ─▶ run
//! ```
//! | room | turns | into | never |
//! |---|---|---|---|
//! | [`policy`] | a pipeline folder | a typed [`policy::model::Pipeline`], or diagnostics | reads data |
//! | [`sql`] | an expression's text | a typed expression, Polars, exact programs | knows a measure or a source |
//! | [`sources`] | delivered files | [`sources::CheckedTables`]: typed rows and rejects | decides anything |
//! | [`delivery`] | a delivery as a whole | findings: what is missing, new, out of date | decides about money |
//! | [`facts`] | tables | [`facts::World`]: columns by row, each computed once | writes |
//! | [`measures`] | facts | [`measures::Decided`]: a verdict per row | settles rows together |
//! | [`settlement`] | verdicts | [`settlement::Settled`]: awards after caps | judges a row |
//! | [`ledger`] | awards | [`ledger::Lines`]: masked, named, explained, in order | computes an amount |
//! | [`cases`] | worked cases, and the days on which something changes | findings where they do not hold | reads a file |
//! | [`catalogue`] | a pipeline | who serves which article, a measure in words, lints | reads data |
//! | [`publish`] | tables of a run | one published folder, whole or not there | reads the clock |
//! | [`profile`] | delivered files | a page on what is in them, a source file to begin with | decides anything |
//! | [`generate`] | a plan, a size, a seed | a data folder of every source | knows a source's name |
//! | [`commands`] | what the user typed | an exit status | holds logic of a room |
//!
//! Leaves that every room may use: [`money`], [`period`], [`uscc`], [`texts`], [`parallel`], [`help`], [`diagnostic`], [`value`], [`schema`].
//! A test reads the imports and fails on a breach of this order, and on files that need each other in a circle.
//!
//! # What holds everywhere
//! - Money is an integer of 分 from the cell to the ledger; an amount is one exact fraction, rounded once ([`sql::exact`]).
//! - Missing is NULL, never zero: conditions are three-valued as in SQL, verdicts as the pipeline's rules say ([`measures`]).
//! - Nothing depends on row order, part files or thread count: ties are broken by keys, output is sorted totally.

#![cfg_attr(not(test), deny(clippy::expect_used, clippy::panic, clippy::unreachable, clippy::unwrap_used))]
#![deny(clippy::float_arithmetic, clippy::too_many_lines)]

pub mod cases;
pub mod catalogue;
pub mod cli;
pub mod commands;
pub mod delivery;
pub mod diagnostic;
pub mod explain;
pub mod facts;
pub mod generate;
pub mod help;
pub mod indicators;
pub mod ledger;
pub mod measures;
pub mod money;
pub mod parallel;
pub mod period;
pub mod policy;
pub mod profile;
pub mod publish;
pub mod reports;
pub mod schema;
pub mod settlement;
pub mod sources;
pub mod sql;
pub mod texts;
pub mod uscc;
pub mod value;
