//! SQL of our own, for what diesel's DSL has no words for. Prepared once a connection, as DSL is: diesel's cache finds it
//! by its text, which therefore holds no value, only `$1`, `$2`, ...

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;

/// A statement that returns rows of the SQL type `ST`; `()` for none.
#[derive(Debug)]
#[must_use]
pub struct Statement<ST, B> {
    text: Cow<'static, str>,
    parameters: B,
    returns: PhantomData<ST>,
}

/// A parameter, after those before it.
#[derive(Debug)]
pub struct Parameter<B, ST, U> {
    before: B,
    value: U,
    kind: PhantomData<ST>,
}

/// A statement without parameters yet.
pub fn statement<ST>(text: impl Into<Cow<'static, str>>) -> Statement<ST, ()> {
    Statement { text: text.into(), parameters: (), returns: PhantomData }
}

impl<ST, B> Statement<ST, B> {
    /// The next parameter: the first is `$1`.
    pub fn bind<T, U>(self, value: U) -> Statement<ST, Parameter<B, T, U>> {
        let parameters = Parameter { before: self.parameters, value, kind: PhantomData };
        Statement { text: self.text, parameters, returns: PhantomData }
    }
}

/// Values for `$1`, `$2`, ... in their order.
pub trait Parameters {
    /// Adds them to a statement whose text has their places already.
    ///
    /// # Errors
    /// When a value cannot be written.
    fn add_to<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

impl Parameters for () {
    fn add_to<'b>(&'b self, _: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        Ok(())
    }
}

impl<B, ST, U> Parameters for Parameter<B, ST, U>
where
    B: Parameters,
    U: ToSql<ST, Pg>,
    Pg: HasSqlType<ST>,
{
    fn add_to<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.before.add_to(out)?;
        out.push_bind_param_value_only::<ST, _>(&self.value)
    }
}

impl<ST, B> QueryId for Statement<ST, B> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, B> Query for Statement<ST, B> {
    type SqlType = ST;
}

impl<ST, B: Parameters> QueryFragment<Pg> for Statement<ST, B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&self.text);
        self.parameters.add_to(&mut out)
    }
}
