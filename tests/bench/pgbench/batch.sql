-- 500 plays of one person in one statement a table, with the effects of the recorder.
\set person random(1, 999)
BEGIN;
CREATE TEMPORARY TABLE IF NOT EXISTS play (track uuid, album uuid, creator uuid) ON COMMIT DELETE ROWS;
INSERT INTO play SELECT ('00000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid, ('00000000-0000-7000-a000-' || lpad((n % (:tracks::int / 20))::text, 12, '0'))::uuid, ('00000000-0000-7000-8000-' || lpad((n % (:tracks::int / 20) % 1000)::text, 12, '0'))::uuid FROM (SELECT (random() * (:tracks::int / 2 - 1))::int * 2 AS n FROM generate_series(1, 500)) AS chosen;
SELECT id FROM mus_tracks WHERE id IN (SELECT track FROM play) ORDER BY id FOR NO KEY UPDATE;
SELECT id FROM mus_albums WHERE id IN (SELECT album FROM play) ORDER BY id FOR NO KEY UPDATE;
INSERT INTO mus_recently_played (id, user_id, play_id, track_id, album_id, creator_id, played_at, duration, completion_rate, completion_source, context, device_type, device_source, skipped, request_digest) SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(:person::text, 12, '0'))::uuid, gen_random_uuid(), track, album, creator, now(), 100, 0.4, 'derived', '{"source": "album"}', 'unknown', 'unknown', false, '0123456789abcdef' FROM play ON CONFLICT DO NOTHING;
UPDATE mus_tracks SET play_count = play_count + plays FROM (SELECT track, count(*) AS plays FROM play GROUP BY track) AS moved WHERE mus_tracks.id = track;
UPDATE mus_albums SET play_count = play_count + plays FROM (SELECT album, count(*) AS plays FROM play GROUP BY album) AS moved WHERE mus_albums.id = album;
UPDATE mus_results SET play_count = play_count + plays, last_played_at = greatest(last_played_at, now()) FROM (SELECT track, count(*) AS plays FROM play GROUP BY track) AS moved WHERE mus_results.track_id = track AND is_source;
UPDATE mus_favorite_tracks SET play_count = play_count + plays, last_played_at = greatest(last_played_at, now()) FROM (SELECT track, count(*) AS plays FROM play GROUP BY track) AS moved WHERE user_id = ('00000000-0000-7000-8000-' || lpad(:person::text, 12, '0'))::uuid AND track_id = track;
UPDATE mus_favorite_albums SET play_count = play_count + plays, last_played_at = greatest(last_played_at, now()) FROM (SELECT album, count(*) AS plays FROM play GROUP BY album) AS moved WHERE user_id = ('00000000-0000-7000-8000-' || lpad(:person::text, 12, '0'))::uuid AND album_id = album;
UPDATE mus_followed_creators SET play_count = play_count + plays, last_played_at = greatest(last_played_at, now()) FROM (SELECT creator, count(*) AS plays FROM play GROUP BY creator) AS moved WHERE user_id = ('00000000-0000-7000-8000-' || lpad(:person::text, 12, '0'))::uuid AND creator_id = creator;
INSERT INTO mus_outbox (id, type, subject, data, occurred_at, taken_by, settled_at) SELECT gen_random_uuid(), 'music.track.played', :person::text, jsonb_build_object('userId', :person::int, 'trackId', track, 'playedAt', now(), 'duration', 100, 'completionRate', 0.5, 'skipped', false), now(), '{}', now() FROM play;
COMMIT;
