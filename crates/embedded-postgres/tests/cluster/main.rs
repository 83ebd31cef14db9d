//! Real servers, real crashes.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is the test's failure")]

mod crashes;
mod helpers;
mod refusals;

use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;

use embedded_postgres::{Cluster, ClusterOptions, Endpoint, Error};
use helpers::{installation, is_root, psql, scratch};

#[tokio::test]
async fn a_throwaway_cluster_answers_and_leaves_nothing_behind() {
    let folder = scratch();
    let wanted = folder.path().join("postgres");
    let cluster = Cluster::start(&installation(), ClusterOptions::throwaway(&wanted)).await.unwrap();
    let port = cluster.port();
    assert_eq!(psql(&cluster, "show server_encoding"), "UTF8");
    assert_eq!(psql(&cluster, "show fsync"), "off");
    assert_eq!(psql(&cluster, "select current_user"), "refrain");

    cluster.stop().await.unwrap();
    assert!(!wanted.exists());
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
}

#[tokio::test]
async fn the_options_reach_the_server() {
    let folder = scratch();
    let mut options = ClusterOptions::throwaway(folder.path().join("postgres"));
    options.max_connections = 37;
    let cluster = Cluster::start(&installation(), options).await.unwrap();
    assert_eq!(psql(&cluster, "show max_connections"), "37");
    assert_eq!(psql(&cluster, "show listen_addresses"), "127.0.0.1");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_durable_cluster_keeps_rows_and_password_over_a_restart() {
    let folder = scratch();
    let options = ClusterOptions::durable(folder.path().join("postgres"));
    let cluster = Cluster::start(&installation(), options.clone()).await.unwrap();
    assert_eq!(psql(&cluster, "show fsync"), "on");
    psql(&cluster, "create table t as select 1 as n");
    cluster.stop().await.unwrap();

    let cluster = Cluster::start(&installation(), options).await.unwrap();
    assert_eq!(psql(&cluster, "select n from t"), "1");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn two_clusters_run_side_by_side() {
    let folder = scratch();
    let installation = installation();
    let (one, two) = tokio::join!(
        Cluster::start(&installation, ClusterOptions::throwaway(folder.path().join("one"))),
        Cluster::start(&installation, ClusterOptions::throwaway(folder.path().join("two"))),
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.port(), two.port());
    psql(&one, "create table only_in_one ()");
    assert_eq!(psql(&two, "select to_regclass('only_in_one') is null"), "t");
    one.stop().await.unwrap();
    assert_eq!(psql(&two, "select 1"), "1");
    two.stop().await.unwrap();
}

#[tokio::test]
async fn another_process_finds_the_running_server_by_its_folder() {
    let folder = scratch();
    let wanted = folder.path().join("postgres");
    let cluster = Cluster::start(&installation(), ClusterOptions::throwaway(&wanted)).await.unwrap();
    let found = Endpoint::of_running(&wanted).unwrap().unwrap();
    assert_eq!(found.url("postgres"), cluster.url("postgres"));
    cluster.stop().await.unwrap();
    assert!(Endpoint::of_running(&wanted).unwrap().is_none());
}

#[tokio::test]
async fn root_below_a_closed_folder_gets_a_cluster_elsewhere_and_finds_it_again() {
    if !is_root() {
        return; // Other users need no other account, so nothing is out of its reach.
    }
    let closed = scratch();
    fs::set_permissions(closed.path(), Permissions::from_mode(0o700)).unwrap();
    let wanted = closed.path().join("postgres");
    let cluster = Cluster::start(&installation(), ClusterOptions::durable(&wanted)).await.unwrap();
    let place = cluster.data_dir().to_path_buf();
    assert_eq!(fs::read_link(&wanted).unwrap(), place);
    psql(&cluster, "create table t as select 1 as n");
    cluster.stop().await.unwrap();

    let cluster = Cluster::start(&installation(), ClusterOptions::durable(&wanted)).await.unwrap();
    assert_eq!(cluster.data_dir(), place);
    assert_eq!(psql(&cluster, "select n from t"), "1");
    cluster.stop().await.unwrap();
    fs::remove_dir_all(place).unwrap();

    // A lost cluster is said to be lost, not replaced by an empty one.
    let lost = Cluster::start(&installation(), ClusterOptions::durable(&wanted)).await.unwrap_err();
    assert!(matches!(lost, Error::ClusterGone { .. }), "{lost}");
}
