//! A query in the making: text and values in turn. The values are bound, never written into the text.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Double, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

#[derive(Debug, Clone)]
enum Piece {
    Sql(String),
    Text(String),
    Double(f64),
    BigInt(i64),
    Bool(bool),
    Time(DateTime<Utc>),
    Id(Uuid),
    Ids(Vec<Uuid>),
}

/// Pieces of a query.
#[derive(Debug, Clone, Default)]
pub(super) struct Sql(Vec<Piece>);

impl Sql {
    pub(super) fn push(&mut self, sql: &str) {
        self.0.push(Piece::Sql(sql.to_owned()));
    }

    pub(super) fn text(&mut self, value: &str) {
        self.0.push(Piece::Text(value.to_owned()));
    }

    pub(super) fn double(&mut self, value: f64) {
        self.0.push(Piece::Double(value));
    }

    pub(super) fn bigint(&mut self, value: i64) {
        self.0.push(Piece::BigInt(value));
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.0.push(Piece::Bool(value));
    }

    pub(super) fn time(&mut self, value: DateTime<Utc>) {
        self.0.push(Piece::Time(value));
    }

    pub(super) fn id(&mut self, value: Uuid) {
        self.0.push(Piece::Id(value));
    }

    pub(super) fn ids(&mut self, value: &[Uuid]) {
        self.0.push(Piece::Ids(value.to_vec()));
    }

    /// The query, whose rows have the SQL type `ST`.
    pub(super) fn returning<ST>(self) -> Built<ST> {
        Built { pieces: self.0, returns: PhantomData }
    }
}

/// A query that can be run.
#[derive(Debug)]
pub(super) struct Built<ST> {
    pieces: Vec<Piece>,
    returns: PhantomData<ST>,
}

impl<ST> QueryId for Built<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Built<ST> {
    type SqlType = ST;
}

impl<ST> QueryFragment<Pg> for Built<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Every set of rules is a text of its own: none is worth a place in the cache.
        out.unsafe_to_cache_prepared();
        for piece in &self.pieces {
            match piece {
                Piece::Sql(sql) => out.push_sql(sql),
                Piece::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Piece::Double(value) => out.push_bind_param::<Double, _>(value)?,
                Piece::BigInt(value) => out.push_bind_param::<BigInt, _>(value)?,
                Piece::Bool(value) => out.push_bind_param::<Bool, _>(value)?,
                Piece::Time(value) => out.push_bind_param::<Timestamptz, _>(value)?,
                Piece::Id(value) => out.push_bind_param::<SqlUuid, _>(value)?,
                Piece::Ids(value) => out.push_bind_param::<Array<SqlUuid>, _>(value)?,
            }
        }
        Ok(())
    }
}
