-- Read by the export and the end of an account.
CREATE INDEX mus_playlist_activities_of_user ON mus_playlist_activities (user_id, id);
CREATE INDEX mus_results_of_user ON mus_results (user_id, id);
