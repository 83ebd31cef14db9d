//! Flows across the three services.
