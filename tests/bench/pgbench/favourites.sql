\set person random(1, 999)
SELECT liked.*, track.* FROM mus_favorite_tracks AS liked JOIN mus_tracks AS track ON track.id = liked.track_id WHERE liked.user_id = ('00000000-0000-7000-8000-' || lpad(:person::text, 12, '0'))::uuid AND track.deleted_at IS NULL ORDER BY liked.added_at DESC, liked.track_id DESC LIMIT 51;
