//! Two replicas of a service, one database: of a job that both have, one does it at a time.
#![cfg(test)]

use std::sync::Arc;

use database::{Database, DatabaseSettings};
use futures_util::FutureExt;
use scheduler::{Job, JobError, Timetable};
use test_utils::Schema;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a replica's jobs work with.
#[derive(Clone)]
struct Replica {
    name: &'static str,
    begun: UnboundedSender<&'static str>,
    ticked: UnboundedSender<&'static str>,
    leave: Arc<Semaphore>,
}

/// Every second. The one lasts until it is let go, the other ends at once.
const JOBS: [Job<Replica>; 2] = [
    Job {
        name: "long",
        at: "* * * * * *",
        work: |own| {
            async move {
                own.begun.send(own.name).unwrap();
                own.leave.acquire().await.unwrap().forget();
                Ok("done".to_owned())
            }
            .boxed()
        },
    },
    Job {
        name: "short",
        at: "* * * * * *",
        work: |own| {
            async move {
                own.ticked.send(own.name).unwrap();
                Ok("done".to_owned())
            }
            .boxed()
        },
    },
];

fn database(schema: &Schema) -> Database {
    Database::new(&DatabaseSettings { url: schema.url.clone(), pool_size: 4 }).unwrap()
}

struct Replicas {
    timetables: [Timetable; 2],
    begun: UnboundedReceiver<&'static str>,
    ticked: UnboundedReceiver<&'static str>,
    leave: Arc<Semaphore>,
}

async fn start() -> Replicas {
    let schema = Schema::create().await;
    let (begun, has_begun) = unbounded_channel();
    let (ticked, has_ticked) = unbounded_channel();
    let leave = Arc::new(Semaphore::new(0));
    let replica = async |name| {
        let own = Replica { name, begun: begun.clone(), ticked: ticked.clone(), leave: Arc::clone(&leave) };
        Timetable::start_with(database(&schema), own, &JOBS).await.unwrap()
    };
    let timetables = [replica("one").await, replica("other").await];
    Replicas { timetables, begun: has_begun, ticked: has_ticked, leave }
}

#[tokio::test]
async fn one_replica_does_a_job_at_a_time() {
    let Replicas { timetables, mut begun, mut ticked, leave } = start().await;
    begun.recv().await.unwrap();
    // Ticks of both come and go meanwhile, and so do calls: nobody else begins.
    for _ in 0..6 {
        ticked.recv().await.unwrap();
    }
    for timetable in &timetables {
        assert!(matches!(timetable.run("long").await, Err(JobError::Busy)));
        assert!(matches!(timetable.run("none").await, Err(JobError::NoJob)));
    }
    assert!(begun.try_recv().is_err(), "it is done once at a time");
    // Let go, it is somebody's again with the next tick.
    leave.add_permits(1);
    begun.recv().await.unwrap();
    assert!(begun.try_recv().is_err());
    leave.add_permits(1);
    for timetable in timetables {
        timetable.stop().await;
    }
}
