//! An enterprise that somebody describes → the tables of a delivery in which there is nobody else.
//!
//! Every source counts as delivered: what the description does not name, the enterprise does not have. A row that does not say
//! whose it is is the described one's, where its source has one column for that.

use super::delivery::Delivery;
use super::outcome::{refused, year_end};
use crate::policy::model::{Example, Pipeline};
use crate::sources::{CheckedTables, read_texts};

/// The enterprise in tables.
pub struct Described {
    pub tables: CheckedTables,
    pub code: String,
    pub as_of: i32,
}

/// Reads a description; or says all that is wrong with it.
pub fn described(pipeline: &Pipeline, example: &Example) -> Result<Described, Vec<String>> {
    let delivery = Delivery::of_enterprise(pipeline, example)?;
    let one = |text: String| vec![text];
    let all = pipeline.sources.keys().collect();
    let code = delivery.subject(pipeline);
    let texts = delivery.texts(pipeline, &all).map_err(one)?;
    let tables = read_texts(&pipeline.sources, texts).map_err(|e| one(e.to_string()))?;
    refused(pipeline, &tables)?;
    Ok(Described { tables, code, as_of: example.as_of.unwrap_or_else(|| year_end(pipeline)) })
}
