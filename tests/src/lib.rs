//! End-to-end tests of the whole path, and what they share.

pub mod cases;
pub mod shapes;
pub mod vectors;
