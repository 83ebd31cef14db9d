//! Three services on one address: `launch::server` asks a service only where the path begins like one of its own.

use launch::Deployable;
use music_service::MusicService;
use storage_service::StorageService;
use user_service::UserService;

/// What the paths of a service are before their first parameter.
fn beginnings<D: Deployable>() -> Vec<String> {
    let own = launch::openapi("", &[D::routes]).paths.paths.into_keys();
    let shared = launch::openapi("", &[]).paths.paths;
    let own = own.filter(|path| !shared.contains_key(path));
    own.map(|path| path.split('{').next().unwrap().to_owned()).collect()
}

#[test]
fn no_path_of_one_service_begins_like_one_of_another() {
    let services =
        [beginnings::<MusicService>(), beginnings::<StorageService>(), beginnings::<UserService>()];
    for (number, ours) in services.iter().enumerate() {
        assert!(ours.len() > 10, "{ours:?}");
        for theirs in
            services.iter().enumerate().filter(|(other, _)| *other != number).flat_map(|(_, paths)| paths)
        {
            let taken = ours.iter().find(|path| theirs.starts_with(path.as_str()));
            assert_eq!(taken, None, "{theirs} is never asked for");
        }
    }
}
