\set playlist random(0, 1999)
SELECT entry.*, track.* FROM mus_playlist_tracks AS entry JOIN mus_tracks AS track ON track.id = entry.track_id WHERE entry.playlist_id = ('00000000-0000-7000-b000-' || lpad(:playlist::text, 12, '0'))::uuid AND entry.position > -1 AND track.deleted_at IS NULL ORDER BY entry.position LIMIT 51;
