//! The main job through the binary: golden outputs, invariance, exit codes, and that a new measure or source is a file.

mod exits;
mod golden;
mod house;
mod invariance;
mod new_files;
mod pages;
