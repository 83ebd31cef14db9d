DROP INDEX mus_results_of_user;
DROP INDEX mus_playlist_activities_of_user;
