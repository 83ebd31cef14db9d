ALTER TABLE mus_tracks DROP COLUMN loudness_lufs;
ALTER TABLE mus_results DROP COLUMN metadata, DROP COLUMN loudness_lufs, DROP COLUMN audio_job_id;
DROP INDEX mus_results_of_file;
DROP INDEX mus_results_one_per_version;
DROP TABLE mus_audio_jobs;
