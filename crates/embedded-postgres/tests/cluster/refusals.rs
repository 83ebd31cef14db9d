//! Every refusal is a named error, and leaves everything as it was.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use embedded_postgres::{Cluster, ClusterOptions, Error};

use crate::helpers::{installation, is_root, psql, scratch};

async fn refused(options: ClusterOptions) -> Error {
    Cluster::start(&installation(), options).await.unwrap_err()
}

#[tokio::test]
async fn a_cluster_in_use_is_refused_and_goes_on() {
    let folder = scratch();
    let options = ClusterOptions::throwaway(folder.path().join("postgres"));
    let cluster = Cluster::start(&installation(), options.clone()).await.unwrap();
    let error = refused(options).await;
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    assert_eq!(psql(&cluster, "select 1"), "1");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_folder_of_other_files_is_refused() {
    let folder = scratch();
    fs::write(folder.path().join("thesis.txt"), "ten years").unwrap();
    let error = refused(ClusterOptions::throwaway(folder.path())).await;
    assert!(matches!(error, Error::ForeignFolder { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_durable_cluster_is_never_taken_for_a_throwaway_one() {
    let folder = scratch();
    let wanted = folder.path().join("postgres");
    let cluster = Cluster::start(&installation(), ClusterOptions::durable(&wanted)).await.unwrap();
    cluster.stop().await.unwrap();
    let error = refused(ClusterOptions::throwaway(&wanted)).await;
    assert!(matches!(error, Error::DurableCluster { .. }), "{error}");
    assert!(wanted.join("data/PG_VERSION").exists());
}

#[tokio::test]
async fn a_cluster_of_another_major_version_is_refused() {
    let folder = scratch();
    let wanted = folder.path().join("postgres");
    let cluster = Cluster::start(&installation(), ClusterOptions::durable(&wanted)).await.unwrap();
    cluster.stop().await.unwrap();
    fs::write(wanted.join("data/PG_VERSION"), "9.6\n").unwrap();
    let error = refused(ClusterOptions::durable(&wanted)).await;
    assert!(matches!(error, Error::IncompatibleVersion { ref cluster, .. } if cluster == "9.6"), "{error}");
}

#[tokio::test]
async fn a_lost_password_is_named() {
    let folder = scratch();
    let wanted = folder.path().join("postgres");
    let cluster = Cluster::start(&installation(), ClusterOptions::durable(&wanted)).await.unwrap();
    cluster.stop().await.unwrap();
    fs::remove_file(wanted.join("password")).unwrap();
    let error = refused(ClusterOptions::durable(&wanted)).await;
    assert!(matches!(error, Error::PasswordLost { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_refuses_its_configuration_shows_its_last_lines() {
    let folder = scratch();
    let wanted = folder.path().join("postgres");
    let cluster = Cluster::start(&installation(), ClusterOptions::durable(&wanted)).await.unwrap();
    cluster.stop().await.unwrap();
    fs::write(wanted.join("data/postgresql.conf"), "no_such_setting = 1\n").unwrap();
    let error = refused(ClusterOptions::durable(&wanted)).await;
    assert!(matches!(error, Error::ServerFailed { ref log } if log.contains("no_such_setting")), "{error}");
}

#[tokio::test]
async fn a_folder_without_permission_is_named() {
    if is_root() {
        return; // Root is refused nothing.
    }
    let folder = scratch();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o500)).unwrap();
    let error = refused(ClusterOptions::durable(folder.path().join("postgres"))).await;
    assert!(matches!(error, Error::PermissionDenied { .. }), "{error}");
}

#[tokio::test]
async fn a_full_disk_is_named_and_leaves_no_cluster() {
    let folder = scratch();
    let disk = folder.path().to_str().unwrap();
    let mount = ["-t", "tmpfs", "-o", "size=4m,mode=0755", "tmpfs", disk];
    if !is_root() || !Command::new("mount").args(mount).status().is_ok_and(|status| status.success()) {
        return; // Only root may mount a small disk, and not in every container.
    }
    let wanted = folder.path().join("postgres");
    let error = refused(ClusterOptions::durable(&wanted)).await;
    let (is_made, is_half_made) = (wanted.join("data").exists(), wanted.join("data.new").exists());
    assert!(Command::new("umount").arg(disk).status().unwrap().success());
    assert!(matches!(error, Error::DiskFull { .. }), "{error}");
    assert!(!is_made && !is_half_made);
}
