//! What there is, asked of the catalogue in one query. Identifiers come back quoted by PostgreSQL itself, expressions as
//! it wrote them down when the migration ran: nothing here is a caller's text.

use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// One row a column, the last of them the condition under which a row says nothing with it.
///
/// Left out: partitions (their rows are their parent's), tables of extensions, and diesel's list of migrations. Types that
/// know no equality are compared as text.
const CATALOG: &str = r"
WITH own AS (
    SELECT class.oid, class.relname, quote_ident(namespace.nspname) || '.' || quote_ident(class.relname) AS qualified
    FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname = current_schema() AND class.relkind IN ('r', 'p') AND NOT class.relispartition
      AND class.relname <> '__diesel_schema_migrations'
      AND NOT EXISTS (SELECT FROM pg_depend AS owned WHERE owned.classid = 'pg_class'::regclass
                      AND owned.objid = class.oid AND owned.deptype = 'e')
), attribute AS (
    SELECT own.relname, own.qualified, own.oid AS table_id, attribute.attnum, attribute.attname, attribute.attnotnull,
           format_type(attribute.atttypid, attribute.atttypmod) AS data_type,
           type.typcategory, type.typname, incomparable.yes AS is_incomparable,
           quote_ident(attribute.attname) || CASE WHEN incomparable.yes THEN '::text' ELSE '' END AS value,
           pg_get_expr(declared.adbin, declared.adrelid) AS default_value
    FROM own
    JOIN pg_attribute AS attribute
        ON attribute.attrelid = own.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    JOIN pg_type AS type ON type.oid = attribute.atttypid
    LEFT JOIN pg_attrdef AS declared
        ON declared.adrelid = own.oid AND declared.adnum = attribute.attnum AND attribute.attgenerated = ''
    CROSS JOIN LATERAL (SELECT type.typname IN ('json', 'xml') OR type.typcategory = 'G' AS yes) AS incomparable
)
SELECT relname::text, qualified, obj_description(table_id, 'pg_class'), attname::text, data_type,
       col_description(table_id, attnum), value,
       CASE
           WHEN default_value IS NOT NULL THEN value || ' IS NOT DISTINCT FROM '
               || CASE WHEN is_incomparable THEN '(' || default_value || ')::text' ELSE '(' || default_value || ')' END
           WHEN NOT attnotnull THEN value || ' IS NULL'
           WHEN typname IN ('json', 'jsonb') THEN value || $q$ IN ('{}', '[]')$q$
           WHEN typname = 'interval' OR typcategory = 'N' THEN value || $q$ = '0'$q$
           WHEN typcategory = 'B' THEN 'NOT ' || value
           WHEN typcategory = 'A' THEN value || $q$ = '{}'$q$
           WHEN typname = 'bytea' OR typcategory = 'S' THEN value || $q$ = ''$q$
           ELSE 'false'
       END
FROM attribute ORDER BY relname, attnum";

type Columns = (Text, Text, Nullable<Text>, Text, Text, Nullable<Text>, Text, Text);

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// Schema and name, quoted.
    pub(super) qualified: String,
    pub(super) comment: Option<String>,
    pub(super) columns: Vec<Column>,
}

/// A column, with the pieces of SQL that count how it is used.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) data_type: String,
    pub(super) comment: Option<String>,
    /// The value, in a form that can be compared.
    pub(super) value: String,
    /// Whether a row has the default.
    pub(super) is_default: String,
}

#[derive(Queryable)]
struct Row {
    table: String,
    qualified: String,
    table_comment: Option<String>,
    column: String,
    data_type: String,
    comment: Option<String>,
    value: String,
    is_default: String,
}

/// The tables of the current schema by name, each with its columns in their order.
pub(super) async fn tables(connection: &mut AsyncPgConnection) -> QueryResult<Vec<Table>> {
    let rows: Vec<Row> = statement::<Columns>(CATALOG).load(connection).await?;
    let mut tables: Vec<Table> = Vec::new();
    for row in rows {
        let column = Column {
            name: row.column,
            data_type: row.data_type,
            comment: row.comment,
            value: row.value,
            is_default: row.is_default,
        };
        match tables.last_mut() {
            Some(table) if table.name == row.table => table.columns.push(column),
            _ => tables.push(Table {
                name: row.table,
                qualified: row.qualified,
                comment: row.table_comment,
                columns: vec![column],
            }),
        }
    }
    Ok(tables)
}
