//! Files, their versions and who read them.
