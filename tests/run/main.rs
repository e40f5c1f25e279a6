//! The main job through the binary: golden outputs, invariance, exit codes, and that a new measure or source is a file.

#[path = "../support/copy.rs"]
mod copy;
mod dirty;
mod exits;
mod findings;
mod forms;
mod golden;
mod house;
mod invariance;
mod kpi_rows;
mod new_files;
mod operators;
mod pages;
#[path = "../support/forms.rs"]
mod tables;
mod together;
