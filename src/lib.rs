//! 惠企.

pub mod money;
pub mod period;
pub mod policy {
    pub mod source;
}
pub mod sources;
pub mod uscc;
