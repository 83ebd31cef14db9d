-- What a person made is found when the person's account is erased or merged.
CREATE INDEX stg_versions_of_maker ON stg_versions (created_by);
CREATE INDEX stg_processing_jobs_of_user ON stg_processing_jobs (user_id);
