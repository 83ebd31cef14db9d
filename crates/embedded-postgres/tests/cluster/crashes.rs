//! Killing each of the processes, and what the next start finds.

use std::fs::{self, File};
use std::process::Command;

use embedded_postgres::{Cluster, ClusterOptions, Durability};
use rustix::process::Pid;

use crate::helpers::{Owner, installation, kill_9, psql, psql_at, scratch, server_pid, wait_for_guard};

#[tokio::test]
async fn killing_the_owner_stops_the_server_and_erases_a_throwaway_cluster() {
    let folder = scratch();
    // Anybody's, as /tmp is, so that the guard may remove the cluster's folder itself.
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o1777)).unwrap();
    let wanted = folder.path().join("postgres");
    let owner = Owner::start(&wanted, Durability::Throwaway);
    let lock = File::open(wanted.join("guard.lock")).unwrap();
    assert_eq!(psql_at(&owner.url, "select 1"), "1");
    let server = server_pid(&wanted);

    owner.kill_9();
    wait_for_guard(&lock);
    assert!(!wanted.exists());
    assert!(rustix::process::test_kill_process(server).is_err());
}

#[tokio::test]
async fn killing_the_owner_of_a_durable_cluster_shuts_it_down_cleanly() {
    let folder = scratch();
    let wanted = folder.path().join("postgres");
    let owner = Owner::start(&wanted, Durability::Durable);
    psql_at(&owner.url, "create table t as select 1 as n");

    owner.kill_9();
    // At once: the start itself waits for the guard.
    let cluster = Cluster::start(&installation(), ClusterOptions::durable(&wanted)).await.unwrap();
    assert_eq!(psql(&cluster, "select n from t"), "1");
    let log = fs::read_to_string(cluster.log_file().with_extension("log.old")).unwrap();
    assert!(log.contains("received fast shutdown request"), "{log}");
    assert!(log.contains("database system is shut down"), "{log}");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn killing_the_server_is_noticed_and_loses_no_committed_row() {
    let folder = scratch();
    let options = ClusterOptions::durable(folder.path().join("postgres"));
    let mut cluster = Cluster::start(&installation(), options.clone()).await.unwrap();
    psql(&cluster, "create table t as select n from generate_series(1, 1000) n");
    kill_9(server_pid(cluster.data_dir()));
    let status = cluster.wait_exit().await.unwrap();
    assert!(!status.success(), "{status}");
    drop(cluster);

    let cluster = Cluster::start(&installation(), options).await.unwrap();
    assert_eq!(psql(&cluster, "select count(*) from t"), "1000");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_lost_owner_and_guard_is_stopped_by_the_next_start() {
    let folder = scratch();
    let wanted = folder.path().join("postgres");
    let owner = Owner::start(&wanted, Durability::Durable);
    psql_at(&owner.url, "create table t as select 1 as n");
    let orphan = server_pid(&wanted);
    // The guard first: without it the owner's end tells nobody.
    kill_9(parent_of(orphan));
    owner.kill_9();
    assert!(rustix::process::test_kill_process(orphan).is_ok());

    let cluster = Cluster::start(&installation(), ClusterOptions::durable(&wanted)).await.unwrap();
    assert_ne!(server_pid(&wanted), orphan);
    assert_eq!(psql(&cluster, "select n from t"), "1");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn an_initdb_cut_off_is_begun_again() {
    let folder = scratch();
    let wanted = folder.path().join("postgres");
    fs::create_dir_all(wanted.join("data.new/base")).unwrap();
    fs::write(wanted.join("data.new/PG_VERSION"), "15\n").unwrap();
    fs::write(wanted.join("password"), "half").unwrap();
    fs::write(wanted.join("owner.lock"), "").unwrap();

    let cluster = Cluster::start(&installation(), ClusterOptions::durable(&wanted)).await.unwrap();
    assert_eq!(psql(&cluster, "select 1"), "1");
    assert!(!wanted.join("data.new").exists());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn dropping_a_throwaway_cluster_stops_and_erases_it() {
    let folder = scratch();
    let wanted = folder.path().join("postgres");
    let cluster = Cluster::start(&installation(), ClusterOptions::throwaway(&wanted)).await.unwrap();
    let lock = File::open(wanted.join("guard.lock")).unwrap();
    drop(cluster);
    wait_for_guard(&lock);
    // As root the guard may not remove the folder itself from one that is root's.
    assert!(!wanted.exists() || fs::read_dir(&wanted).unwrap().next().is_none());
}

fn parent_of(pid: Pid) -> Pid {
    let pid = pid.as_raw_nonzero().to_string();
    let output = Command::new("ps").args(["-o", "ppid=", "-p", &pid]).output().unwrap();
    Pid::from_raw(String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()).unwrap()
}
