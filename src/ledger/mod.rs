//! Turns awards into ledger rows, one row per award.

pub mod columns;
