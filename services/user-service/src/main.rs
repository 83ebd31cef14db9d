//! The `user-service` program.

fn main() {}
