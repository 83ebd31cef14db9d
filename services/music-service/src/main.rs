//! The `music-service` program.

fn main() {}
