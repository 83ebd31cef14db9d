//! Settings are environment variables. Each concern has one struct that reads its own through an
//! [`Environment`]; a bad value stops the start and names the variable.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A variable that is missing or cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A required variable is not set.
    #[error("{name} is not set: {meaning}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it is for.
        meaning: &'static str,
    },
    /// A variable is set to something that it cannot hold.
    #[error("{name} is set to {value:?}, which is not accepted: {reason}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// Its value, or `***` for a secret.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A value that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// One variable as `config` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The value in force, `***` for secrets, empty when unset.
    pub value: String,
    /// Whether the value is the built-in default.
    pub is_default: bool,
    /// What the variable is for.
    pub meaning: &'static str,
}

/// Where settings come from: the process environment, with values laid over it by the all-in-one.
#[derive(Debug)]
pub struct Environment {
    values: BTreeMap<String, String>,
    read: Mutex<BTreeMap<&'static str, Setting>>,
}

impl Environment {
    /// The variables of this process.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn from_process() -> Self {
        Self::from_pairs(std::env::vars())
    }

    /// Fixed variables, for tests and the all-in-one.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { values: pairs.into_iter().collect(), read: Mutex::default() }
    }

    /// Lays one value over what is there.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// Gives one value where none is set.
    #[must_use]
    pub fn with_default(self, name: &str, value: &str) -> Self {
        if self.given(name).is_some() { self } else { self.with(name, value) }
    }

    /// The same values, of which nothing has been read yet.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self::from_pairs(self.values.clone())
    }

    /// A variable with a default.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] when the value does not parse.
    pub fn parse<T>(
        &self,
        name: &'static str,
        default: &str,
        meaning: &'static str,
    ) -> Result<T, SettingsError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let given = self.given(name);
        let value = given.unwrap_or(default);
        self.note(name, value, given.is_none(), meaning);
        parse_value(name, value)
    }

    /// A variable that may be absent; an empty value counts as absent.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] when the value does not parse.
    pub fn optional<T>(&self, name: &'static str, meaning: &'static str) -> Result<Option<T>, SettingsError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let given = self.given(name);
        self.note(name, given.unwrap_or_default(), given.is_none(), meaning);
        given.map(|value| parse_value(name, value)).transpose()
    }

    /// A variable without a default.
    ///
    /// # Errors
    /// [`SettingsError::Missing`] when it is not set, [`SettingsError::Invalid`] when it does not parse.
    pub fn required<T>(&self, name: &'static str, meaning: &'static str) -> Result<T, SettingsError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        self.optional(name, meaning)?.ok_or(SettingsError::Missing { name, meaning })
    }

    /// A required variable that is never printed.
    ///
    /// # Errors
    /// [`SettingsError::Missing`] when it is not set.
    pub fn secret(&self, name: &'static str, meaning: &'static str) -> Result<Secret, SettingsError> {
        let value = self.given(name).ok_or(SettingsError::Missing { name, meaning })?;
        self.note(name, "***", false, meaning);
        Ok(Secret::new(value))
    }

    /// A variable that may be absent and is never printed; an empty value counts as absent.
    #[must_use]
    pub fn optional_secret(&self, name: &'static str, meaning: &'static str) -> Option<Secret> {
        let given = self.given(name);
        self.note(name, if given.is_some() { "***" } else { "" }, given.is_none(), meaning);
        given.map(Secret::new)
    }

    /// Whole seconds with a default.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] when the value is not a whole number.
    pub fn seconds(
        &self,
        name: &'static str,
        default: &str,
        meaning: &'static str,
    ) -> Result<Duration, SettingsError> {
        self.parse::<u64>(name, default, meaning).map(Duration::from_secs)
    }

    /// `on` or `off` with a default.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] for any other word.
    pub fn switch(
        &self,
        name: &'static str,
        default: &str,
        meaning: &'static str,
    ) -> Result<bool, SettingsError> {
        match self.parse::<String>(name, default, meaning)?.as_str() {
            "on" => Ok(true),
            "off" => Ok(false),
            other => Err(SettingsError::Invalid {
                name,
                value: other.to_owned(),
                reason: "it is on or off".to_owned(),
            }),
        }
    }

    /// Every variable that was asked for so far, by name.
    pub fn effective(&self) -> BTreeMap<&'static str, Setting> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn given(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn note(&self, name: &'static str, value: &str, is_default: bool, meaning: &'static str) {
        let setting = Setting { value: value.to_owned(), is_default, meaning };
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(name, setting);
    }
}

fn parse_value<T>(name: &'static str, value: &str) -> Result<T, SettingsError>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    value.parse().map_err(|error: T::Err| SettingsError::Invalid {
        name,
        value: value.to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment::from_pairs([]).with("PORT", "80a").with("EMPTY", "").with("PASSWORD", "hunter2")
    }

    #[test]
    fn a_bad_value_names_the_variable() {
        let error = environment().parse::<u16>("PORT", "8080", "the port").err().map(|e| e.to_string());
        assert_eq!(
            error.as_deref(),
            Some(r#"PORT is set to "80a", which is not accepted: invalid digit found in string"#)
        );
    }

    #[test]
    fn an_empty_value_is_absent() {
        assert!(matches!(environment().optional::<u16>("EMPTY", "nothing"), Ok(None)));
        assert!(matches!(environment().parse::<u16>("EMPTY", "7", "nothing"), Ok(7)));
    }

    #[test]
    fn a_secret_is_never_printed() {
        let environment = environment();
        let secret = environment.secret("PASSWORD", "the password").expect("it is set");
        assert_eq!(secret.expose(), "hunter2");
        assert!(!format!("{secret:?} {:?}", environment.effective()).contains("hunter2"));
    }
}
