//! `huiqi simulate` at its boundary: what it prints, how it ends, and that it agrees with runs of the same parameters.

mod agrees;
mod pages;
mod setup;
