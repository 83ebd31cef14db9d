//! The `storage-service` program.

fn main() {}
