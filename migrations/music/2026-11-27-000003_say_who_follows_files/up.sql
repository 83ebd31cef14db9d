-- Sounds that are replaced, and what jobs make, write these too.
COMMENT ON COLUMN mus_tracks.duration IS 'Seconds, from the probe of its file. Writer: POST /api/library/tracks, storage.file.replaced.';
COMMENT ON COLUMN mus_tracks.bitrate IS 'Bits per second, from the probe; null when the format does not tell. Writer: POST /api/library/tracks, storage.file.replaced.';
COMMENT ON COLUMN mus_tracks.sample_rate IS 'Samples per second, from the probe; null when the format does not tell. Writer: POST /api/library/tracks, storage.file.replaced.';
COMMENT ON COLUMN mus_tracks.file_size IS 'Bytes of the audio file. Writer: POST /api/library/tracks, storage.file.replaced.';
COMMENT ON COLUMN mus_tracks.mime_type IS 'Media type of the audio file, told from its bytes. Writer: POST /api/library/tracks, storage.file.replaced.';
COMMENT ON COLUMN mus_tracks.quality IS 'Sound quality, judged from codec and bitrate of the probe. Writer: POST /api/library/tracks, storage.file.replaced.';
COMMENT ON COLUMN mus_tracks.loudness_lufs IS 'Integrated loudness (EBU R128) of its sound; null until it is measured, and of silence. Writer: POST /api/library/tracks, storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_results.format IS 'Media type. Writer: POST /api/library/tracks, storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_results.codec IS 'Codec, as storage-service found it. Writer: POST /api/library/tracks, storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_results.bitrate IS 'Bits per second; null where the format does not tell. Writer: POST /api/library/tracks, storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_results.sample_rate IS 'Samples per second; null where the format does not tell. Writer: POST /api/library/tracks, storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_results.channels IS 'Channels; null where the format does not tell. Writer: POST /api/library/tracks, storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_results.file_size IS 'Bytes. Writer: POST /api/library/tracks, storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_results.duration IS 'Seconds. Writer: POST /api/library/tracks, storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_results.quality IS 'Sound quality, by codec and bitrate. Writer: POST /api/library/tracks, storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_results.loudness_lufs IS 'Integrated loudness (EBU R128); null until it is measured, and of silence. Writer: POST /api/library/tracks, storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_audio_jobs.result_id IS 'The rendition that came of it; null before, and where none does. Writer: storage.job.completed, storage.file.replaced.';
COMMENT ON COLUMN mus_audio_jobs.source_result_id IS 'The rendition that it works on. Writer: POST /api/music/audio-jobs, storage.file.replaced.';
