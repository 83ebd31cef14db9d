//! One throwaway PostgreSQL for each test binary, one schema of it for each test.

use std::sync::LazyLock;

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use embedded_postgres::{Cluster, ClusterOptions, Installation};
use launch::Deployable;
use settings::Secret;
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

/// Outlives every test, because each test has a runtime of its own and the server is theirs together.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Never dropped: its guard erases it when the process ends, however it ends.
static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

/// Tests run side by side, each with a pool.
const MAX_CONNECTIONS: u16 = 500;

/// A place of its own for one test: tables made here are seen by nobody else.
#[derive(Clone)]
pub struct Schema {
    /// Reaches this schema's tables by their bare names.
    pub url: Secret,
}

impl Schema {
    /// Makes an empty schema.
    pub async fn create() -> Self {
        RUNTIME.spawn(Self::make()).await.unwrap()
    }

    /// Makes a schema with a service's tables.
    pub async fn migrated<S: Deployable>() -> Self {
        let schema = Self::create().await;
        // Migrations block their thread, which a runtime with a single one cannot stand.
        let (url, migrations) = (schema.url.clone(), S::migrations());
        RUNTIME.spawn(async move { database::migrate(&url, migrations).await.unwrap() }).await.unwrap();
        schema
    }

    /// The tables in which a text occurs anywhere.
    pub async fn mentions(&self, text: &str) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Table {
            #[diesel(sql_type = Text)]
            name: String,
        }
        let mut connection = AsyncPgConnection::establish(self.url.expose()).await.unwrap();
        let mut query = async |sql: String| -> Vec<Table> {
            #[expect(clippy::disallowed_methods, reason = "asked once, by a test")]
            let query = diesel::sql_query(sql);
            query.load(&mut connection).await.unwrap()
        };
        let tables =
            "SELECT relname::text AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace
                          AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1";
        let mut found = Vec::new();
        for Table { name } in query(tables.to_owned()).await {
            let rows = format!(
                "SELECT '{name}' AS name FROM {name} AS t WHERE to_jsonb(t)::text LIKE '%{text}%' LIMIT 1"
            );
            found.extend(query(rows).await.into_iter().map(|table| table.name));
        }
        found
    }

    async fn make() -> Self {
        let cluster = CLUSTER.get_or_init(start).await;
        let name = format!("test_{}", contracts::ids::new_id().simple());
        let admin = cluster.url("postgres");
        let mut connection = AsyncPgConnection::establish(&admin).await.unwrap();
        connection.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
        // Extensions live in `public`, which comes second. By the name a test knows its backends.
        let url = format!("{admin}?options=-csearch_path%3D{name}%2Cpublic&application_name={name}");
        Self { url: Secret::new(url) }
    }
}

async fn start() -> Cluster {
    let folder = std::env::temp_dir().join(format!("refrain-test-{}", contracts::ids::new_id().simple()));
    let options = ClusterOptions { max_connections: MAX_CONNECTIONS, ..ClusterOptions::throwaway(folder) };
    let cluster = Cluster::start(&Installation::find().unwrap(), options).await.unwrap();
    let mut connection = AsyncPgConnection::establish(&cluster.url("postgres")).await.unwrap();
    // Here once, where no two tests can make it at the same time.
    connection
        .batch_execute("CREATE EXTENSION citext; CREATE EXTENSION unaccent; CREATE EXTENSION pg_trgm")
        .await
        .unwrap();
    cluster
}
