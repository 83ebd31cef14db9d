//! Enumerations of the contract as `text` columns.

use std::fmt::Debug;
use std::io::Write;

use contracts::TextEnum;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::Text;

/// An enumeration's value as its word in a `text` column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct AsText<E: Debug>(pub E);

impl<E: TextEnum + Debug> ToSql<Text, Pg> for AsText<E> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        out.write_all(self.0.as_str().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl<E: TextEnum + Debug> FromSql<Text, Pg> for AsText<E> {
    fn from_sql(value: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let word = std::str::from_utf8(value.as_bytes())?;
        E::from_word(word).map(Self).ok_or_else(|| format!("{word:?} is not a value of this column").into())
    }
}
