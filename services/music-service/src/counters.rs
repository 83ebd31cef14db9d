//! The ledger: every counter of music-service and the rows that it counts. `refrain reconcile` reads it.

use audit::{Counter, Ledger, NotCounted};

/// Counters, and what looks like one.
pub(crate) const LEDGER: Ledger = Ledger {
    counters: &[
        // What everyone heard. Plays of deleted tracks and albums stay in the log, and in their counts.
        Counter {
            table: "mus_tracks",
            column: "play_count",
            key: &["id"],
            truth: "SELECT track_id AS id, count(*) AS value FROM mus_recently_played GROUP BY track_id",
            without: "0",
        },
        Counter {
            table: "mus_tracks",
            column: "skip_count",
            key: &["id"],
            truth: "SELECT track_id AS id, count(*) AS value FROM mus_recently_played WHERE skipped GROUP BY track_id",
            without: "0",
        },
        Counter {
            table: "mus_albums",
            column: "play_count",
            key: &["id"],
            truth: "SELECT album_id AS id, count(*) AS value FROM mus_recently_played GROUP BY album_id",
            without: "0",
        },
        Counter {
            table: "mus_results",
            column: "play_count",
            key: &["id"],
            truth: "SELECT result_id AS id, count(*) AS value FROM mus_recently_played GROUP BY result_id",
            without: "0",
        },
        // What everyone likes.
        Counter {
            table: "mus_tracks",
            column: "like_count",
            key: &["id"],
            truth: "SELECT track_id AS id, count(*) AS value FROM mus_favorite_tracks GROUP BY track_id",
            without: "0",
        },
        Counter {
            table: "mus_albums",
            column: "like_count",
            key: &["id"],
            truth: "SELECT album_id AS id, count(*) AS value FROM mus_favorite_albums GROUP BY album_id",
            without: "0",
        },
        // Not a number, but as true: whether its lyrics have times.
        Counter {
            table: "mus_tracks",
            column: "has_synced_lyrics",
            key: &["id"],
            truth: "SELECT track.id, synced_lines <> '[]' AS value
                    FROM mus_tracks AS track JOIN mus_lyrics AS lyrics ON lyrics.id = track.lyrics_id",
            without: "false",
        },
        // What is on an album: its live tracks.
        Counter {
            table: "mus_albums",
            column: "total_tracks",
            key: &["id"],
            truth: "SELECT album_id AS id, count(*) AS value FROM mus_tracks WHERE deleted_at IS NULL GROUP BY album_id",
            without: "0",
        },
        Counter {
            table: "mus_albums",
            column: "total_duration",
            key: &["id"],
            truth: "SELECT album_id AS id, round(sum(duration::numeric), 3)::double precision AS value
                    FROM mus_tracks WHERE deleted_at IS NULL GROUP BY album_id",
            without: "0",
        },
        // What one person heard: favourites and follows count the plays of before, too.
        Counter {
            table: "mus_favorite_tracks",
            column: "play_count",
            key: &["user_id", "track_id"],
            truth: "SELECT user_id, track_id, count(*) AS value FROM mus_recently_played GROUP BY user_id, track_id",
            without: "0",
        },
        Counter {
            table: "mus_favorite_tracks",
            column: "last_played_at",
            key: &["user_id", "track_id"],
            truth: "SELECT user_id, track_id, max(played_at) AS value FROM mus_recently_played GROUP BY user_id, track_id",
            without: "NULL",
        },
        Counter {
            table: "mus_favorite_albums",
            column: "play_count",
            key: &["user_id", "album_id"],
            truth: "SELECT user_id, album_id, count(*) AS value FROM mus_recently_played GROUP BY user_id, album_id",
            without: "0",
        },
        Counter {
            table: "mus_favorite_albums",
            column: "last_played_at",
            key: &["user_id", "album_id"],
            truth: "SELECT user_id, album_id, max(played_at) AS value FROM mus_recently_played GROUP BY user_id, album_id",
            without: "NULL",
        },
        // The share of an album's live tracks of which the person once heard half, on whatever album they then were.
        Counter {
            table: "mus_favorite_albums",
            column: "completion_rate",
            key: &["user_id", "album_id"],
            truth: "SELECT liked.user_id, liked.album_id,
                           avg((EXISTS (SELECT FROM mus_recently_played AS play
                                        WHERE play.user_id = liked.user_id AND play.track_id = track.id
                                          AND play.completion_rate >= 0.5))::int)::double precision AS value
                    FROM mus_favorite_albums AS liked
                    JOIN mus_tracks AS track ON track.album_id = liked.album_id AND track.deleted_at IS NULL
                    GROUP BY liked.user_id, liked.album_id",
            without: "0",
        },
        Counter {
            table: "mus_followed_creators",
            column: "play_count",
            key: &["user_id", "creator_id"],
            truth: "SELECT user_id, creator_id, count(*) AS value FROM mus_recently_played GROUP BY user_id, creator_id",
            without: "0",
        },
        Counter {
            table: "mus_followed_creators",
            column: "last_played_at",
            key: &["user_id", "creator_id"],
            truth: "SELECT user_id, creator_id, max(played_at) AS value FROM mus_recently_played GROUP BY user_id, creator_id",
            without: "NULL",
        },
        // Playlists: what is on them (of a hybrid one, its pins), who likes and follows them, what was played from them.
        Counter {
            table: "mus_playlists",
            column: "track_count",
            key: &["id"],
            truth: "SELECT playlist_id AS id, count(*) AS value FROM mus_playlist_tracks GROUP BY playlist_id",
            without: "0",
        },
        Counter {
            table: "mus_playlists",
            column: "total_duration",
            key: &["id"],
            truth: "SELECT entry.playlist_id AS id, round(sum(track.duration::numeric), 3)::double precision AS value
                    FROM mus_playlist_tracks AS entry JOIN mus_tracks AS track ON track.id = entry.track_id
                    GROUP BY entry.playlist_id",
            without: "0",
        },
        Counter {
            table: "mus_playlists",
            column: "play_count",
            key: &["id"],
            truth: "SELECT playlist_id AS id, count(*) AS value FROM mus_recently_played GROUP BY playlist_id",
            without: "0",
        },
        Counter {
            table: "mus_playlists",
            column: "like_count",
            key: &["id"],
            truth: "SELECT playlist_id AS id, count(*) AS value FROM mus_playlist_likes GROUP BY playlist_id",
            without: "0",
        },
        Counter {
            table: "mus_playlists",
            column: "follower_count",
            key: &["id"],
            truth: "SELECT playlist_id AS id, count(*) AS value FROM mus_playlist_followers GROUP BY playlist_id",
            without: "0",
        },
        Counter {
            table: "mus_playlist_tracks",
            column: "play_count",
            key: &["playlist_id", "track_id"],
            truth: "SELECT playlist_id, track_id, count(*) AS value FROM mus_recently_played GROUP BY playlist_id, track_id",
            without: "0",
        },
        Counter {
            table: "mus_playlist_tracks",
            column: "last_played_at",
            key: &["playlist_id", "track_id"],
            truth: "SELECT playlist_id, track_id, max(played_at) AS value
                    FROM mus_recently_played GROUP BY playlist_id, track_id",
            without: "NULL",
        },
    ],
    not_counted: &[
        NotCounted { table: "mus_audio_jobs", column: "retry_count", reason: "a try leaves no row of its own here" },
        NotCounted {
            table: "mus_results",
            column: "download_count",
            reason: "the redirect is the event, and leaves no other row here; storage-service logs the bytes",
        },
        NotCounted { table: "mus_stream_sessions", column: "skip_count", reason: TOLD },
        NotCounted { table: "mus_stream_sessions", column: "pause_count", reason: TOLD },
        NotCounted { table: "mus_stream_sessions", column: "seek_count", reason: TOLD },
        NotCounted { table: "mus_stream_analytics", column: "total_plays", reason: ROLLED_UP },
        NotCounted { table: "mus_stream_analytics", column: "total_duration", reason: ROLLED_UP },
    ],
};

const TOLD: &str = "what the player tells of itself: no rows of ours are behind it";
const ROLLED_UP: &str = "a day's sum that its job rebuilds for a week, and that outlives its rows then";
