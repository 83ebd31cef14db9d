DROP TABLE usr_profiles;
DROP TABLE usr_accounts;
DROP EXTENSION citext;
