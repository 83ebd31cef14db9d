DROP TABLE usr_consent_records;
