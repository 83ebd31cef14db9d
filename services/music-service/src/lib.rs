//! Catalogue, plays and streaming.
