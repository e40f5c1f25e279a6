//! Indicators from files to printed tables: the notice's own over a small delivery, and the language of a made pipeline.

mod language;
mod mistakes;
mod support;
mod xinzhou;
