\set person random(1, 999)
SELECT play.*, track.title FROM mus_recently_played AS play LEFT JOIN mus_tracks AS track ON track.id = play.track_id WHERE play.user_id = ('00000000-0000-7000-8000-' || lpad(:person::text, 12, '0'))::uuid ORDER BY play.played_at DESC, play.id DESC LIMIT 51;
