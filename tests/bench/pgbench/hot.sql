-- One play of one hot track, with the effects of the recorder, one transaction of plain statements.
\set track 0
\set person random(1, 999)
\set album :track % (:tracks / 20)
\set creator :album % 1000
BEGIN;
SELECT id, album_id, user_id FROM mus_tracks WHERE id = ('00000000-0000-7000-9000-' || lpad(:track::text, 12, '0'))::uuid AND status IN ('active', 'published') FOR NO KEY UPDATE;
INSERT INTO mus_recently_played (id, user_id, play_id, track_id, album_id, creator_id, played_at, duration, completion_rate, completion_source, context, device_type, device_source, skipped, request_digest) VALUES (gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(:person::text, 12, '0'))::uuid, gen_random_uuid(), ('00000000-0000-7000-9000-' || lpad(:track::text, 12, '0'))::uuid, ('00000000-0000-7000-a000-' || lpad(:album::text, 12, '0'))::uuid, ('00000000-0000-7000-8000-' || lpad(:creator::text, 12, '0'))::uuid, now(), 100, 0.4, 'derived', '{"source": "album"}', 'unknown', 'unknown', false, '0123456789abcdef') ON CONFLICT DO NOTHING;
UPDATE mus_tracks SET play_count = play_count + 1 WHERE id = ('00000000-0000-7000-9000-' || lpad(:track::text, 12, '0'))::uuid;
UPDATE mus_albums SET play_count = play_count + 1 WHERE id = ('00000000-0000-7000-a000-' || lpad(:album::text, 12, '0'))::uuid;
UPDATE mus_results SET play_count = play_count + 1, last_played_at = greatest(last_played_at, now()) WHERE track_id = ('00000000-0000-7000-9000-' || lpad(:track::text, 12, '0'))::uuid AND is_source;
UPDATE mus_favorite_tracks SET play_count = play_count + 1, last_played_at = greatest(last_played_at, now()) WHERE user_id = ('00000000-0000-7000-8000-' || lpad(:person::text, 12, '0'))::uuid AND track_id = ('00000000-0000-7000-9000-' || lpad(:track::text, 12, '0'))::uuid;
UPDATE mus_favorite_albums SET play_count = play_count + 1, last_played_at = greatest(last_played_at, now()) WHERE user_id = ('00000000-0000-7000-8000-' || lpad(:person::text, 12, '0'))::uuid AND album_id = ('00000000-0000-7000-a000-' || lpad(:album::text, 12, '0'))::uuid;
UPDATE mus_followed_creators SET play_count = play_count + 1, last_played_at = greatest(last_played_at, now()) WHERE user_id = ('00000000-0000-7000-8000-' || lpad(:person::text, 12, '0'))::uuid AND creator_id = ('00000000-0000-7000-8000-' || lpad(:creator::text, 12, '0'))::uuid;
INSERT INTO mus_outbox (id, type, subject, data, occurred_at, taken_by, settled_at) VALUES (gen_random_uuid(), 'music.track.played', :person::text, jsonb_build_object('userId', :person::int, 'trackId', :track::int, 'playedAt', now(), 'duration', 100, 'completionRate', 0.5, 'skipped', false), now(), '{}', now());
COMMIT;
