//! JSON in `jsonb` columns.

use std::fmt::Debug;
use std::io::Write;

use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::Jsonb;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value of the contract in a `jsonb` column. A column that holds anything else fails the read.
#[derive(Debug, Clone, Default, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
pub struct AsJson<T: Debug>(pub T);

/// The version byte that leads a `jsonb` value on the wire.
const VERSION: u8 = 1;

impl<T: Serialize + Debug> ToSql<Jsonb, Pg> for AsJson<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        out.write_all(&[VERSION])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: DeserializeOwned + Debug> FromSql<Jsonb, Pg> for AsJson<T> {
    fn from_sql(value: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        match value.as_bytes().split_first() {
            Some((&VERSION, json)) => Ok(Self(serde_json::from_slice(json)?)),
            _ => Err("not a jsonb value of a known version".into()),
        }
    }
}
