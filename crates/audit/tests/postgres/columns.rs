//! What the column audit says of tables that were made to be told apart.

use contracts::ColumnVerdict::{EmptyTable, NeverPopulated, Populated};
use contracts::audit::AuditResponse;

use crate::helpers::{audit, column, database_with, execute};

/// Every kind of type, each once used in one row of four and once in none.
const KINDS: [(&str, &str); 15] = [
    ("integer NOT NULL", "0, 0, 7, 0"),
    ("bigint NOT NULL DEFAULT 3", "3, 3, 4, 3"),
    ("double precision NOT NULL", "0, 0, 0.5, 0"),
    ("numeric", "NULL, NULL, 0, NULL"),
    ("boolean NOT NULL", "false, false, true, false"),
    ("boolean NOT NULL DEFAULT true", "true, true, false, true"),
    ("text NOT NULL", "'', '', 'a', ''"),
    ("text", "NULL, NULL, '', NULL"),
    ("text[] NOT NULL", "'{}', '{}', '{a}', '{}'"),
    ("jsonb NOT NULL", "'{}', '[]', '{\"a\": 1}', '{}'"),
    ("json NOT NULL DEFAULT '{\"b\": 1}'", "'{\"b\": 1}', '{\"b\": 1}', '{}', '{\"b\": 1}'"),
    ("bytea NOT NULL", "'', '', '\\x00', ''"),
    ("interval NOT NULL", "'0', '0', '1 day', '0'"),
    ("inet", "NULL, NULL, '::1', NULL"),
    ("point", "NULL, NULL, '(0,0)', NULL"),
];

#[tokio::test]
async fn a_column_is_used_when_a_row_says_more_than_its_default() {
    for (kind, values) in KINDS {
        let database =
            database_with(&format!("CREATE TABLE used (a {kind}); CREATE TABLE idle (a {kind});")).await;
        let values: Vec<&str> = values.split(", ").collect();
        for (row, value) in values.iter().enumerate() {
            execute(&database, &format!("INSERT INTO used VALUES ({value})")).await;
            if row != 2 {
                execute(&database, &format!("INSERT INTO idle VALUES ({value})")).await;
            }
        }
        let tables = audit(&database).await;
        let (used, idle) = (column(&tables, "used", "a"), column(&tables, "idle", "a"));
        assert_eq!((used.non_default, used.verdict), (0.25, Populated), "{kind}");
        assert_eq!((idle.non_default, idle.verdict), (0.0, NeverPopulated), "{kind}");
        let nullable = values[0] == "NULL";
        assert_eq!((used.non_null, idle.non_null), if nullable { (0.25, 0.0) } else { (1.0, 1.0) }, "{kind}");
    }
}

#[tokio::test]
async fn values_without_a_neutral_one_count_as_soon_as_they_are_there() {
    let database = database_with(
        "CREATE TYPE colour AS ENUM ('red'); CREATE TABLE kinds (id uuid NOT NULL, at timestamptz NOT NULL, colour colour NOT NULL,
             doubled integer GENERATED ALWAYS AS (2) STORED);
         INSERT INTO kinds VALUES (gen_random_uuid(), now(), 'red'), (gen_random_uuid(), now(), 'red');",
    )
    .await;
    let tables = audit(&database).await;
    let distinct = |name| {
        let column = column(&tables, "kinds", name);
        (column.verdict, column.distinct_values)
    };
    assert_eq!(distinct("id"), (Populated, 2));
    assert_eq!(distinct("at"), (Populated, 1));
    assert_eq!(distinct("colour"), (Populated, 1));
    assert_eq!(distinct("doubled"), (Populated, 1));
}

#[tokio::test]
async fn an_empty_table_is_no_fault_and_says_so() {
    let database = database_with("CREATE TABLE empty (a integer, b text NOT NULL);").await;
    let tables = audit(&database).await;
    assert_eq!(tables[0].rows, 0);
    assert!(tables[0].columns.iter().all(|column| column.verdict == EmptyTable && column.non_null == 0.0));
    assert!(AuditResponse::new(tables).never_populated.is_empty());
}

#[tokio::test]
async fn names_are_names_whatever_stands_in_them() {
    let database = database_with(
        r#"CREATE TABLE "o'dd ""name""; DROP TABLE victim" ("a""b; --" text, "SELECT" integer NOT NULL DEFAULT 1);
           CREATE TABLE victim (a text);
           INSERT INTO "o'dd ""name""; DROP TABLE victim" VALUES ('x', 2);
           COMMENT ON COLUMN victim.a IS '<script>alert(1)</script>. Writer: <b>nobody</b>.';"#,
    )
    .await;
    let tables = audit(&database).await;
    assert_eq!(column(&tables, "o'dd \"name\"; DROP TABLE victim", "a\"b; --").verdict, Populated);
    assert_eq!(column(&tables, "o'dd \"name\"; DROP TABLE victim", "SELECT").verdict, Populated);
    assert_eq!(column(&tables, "victim", "a").verdict, EmptyTable);
    let page = audit::html(&AuditResponse::new(tables));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
}

#[tokio::test]
async fn rows_of_partitions_are_their_parents_and_foreign_tables_stay_out() {
    let database = database_with(
        "CREATE TABLE log (day date NOT NULL, note text) PARTITION BY RANGE (day);
         CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
         CREATE TABLE log_later PARTITION OF log DEFAULT;
         INSERT INTO log VALUES ('2026-05-01', NULL), ('2027-05-01', 'x');
         CREATE TABLE __diesel_schema_migrations (version text);
         CREATE VIEW seen AS SELECT * FROM log;
         ALTER TABLE log ADD COLUMN gone integer; ALTER TABLE log DROP COLUMN gone;",
    )
    .await;
    let tables = audit(&database).await;
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["log"]);
    assert_eq!((tables[0].rows, tables[0].columns.len()), (2, 2));
    assert_eq!(column(&tables, "log", "note").non_null, 0.5);
}

#[tokio::test]
async fn comments_become_meaning_and_writer_and_their_absence_is_named() {
    let database = database_with(
        "CREATE TABLE told (a integer, b integer, c varchar(3)); INSERT INTO told VALUES (1, NULL, NULL);
         COMMENT ON TABLE told IS 'What was told.';
         COMMENT ON COLUMN told.a IS 'A number. Writer: POST /a.'; COMMENT ON COLUMN told.b IS 'Only a meaning.';",
    )
    .await;
    let audit = AuditResponse::new(audit(&database).await);
    let a = column(&audit.tables, "told", "a");
    assert_eq!(audit.tables[0].meaning.as_deref(), Some("What was told."));
    assert_eq!((a.meaning.as_deref(), a.writer.as_deref()), (Some("A number."), Some("POST /a")));
    assert_eq!(column(&audit.tables, "told", "c").data_type, "character varying(3)");
    assert_eq!(audit.undocumented, ["told.b", "told.c"]);
    assert_eq!(audit.never_populated, ["told.b", "told.c"]);
    let text = audit::table(&audit);
    assert!(text.contains("never populated: told.b, told.c\n"), "{text}");
    assert!(
        text.contains(
            "  a       integer               100 %     100 %        1         populated        POST /a\n"
        ),
        "{text}"
    );
}
