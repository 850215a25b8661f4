//! Maps columns to Arrow arrays and back.
