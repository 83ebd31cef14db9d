//! Flows across the three services, as three processes would see each other.
#![cfg(test)]

mod books;
mod flows;
