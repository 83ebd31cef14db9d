-- Three databases, each owned by its service's role and closed to the other two.
-- Run once by the image, on an empty data folder, as the superuser; the passwords come from the environment.
\set ON_ERROR_STOP on

\getenv password MUSIC_PASSWORD
CREATE ROLE music LOGIN PASSWORD :'password';
CREATE DATABASE music OWNER music;
REVOKE ALL ON DATABASE music FROM PUBLIC;

\getenv password USER_PASSWORD
CREATE ROLE users LOGIN PASSWORD :'password';
CREATE DATABASE users OWNER users;
REVOKE ALL ON DATABASE users FROM PUBLIC;

\getenv password STORAGE_PASSWORD
CREATE ROLE storage LOGIN PASSWORD :'password';
CREATE DATABASE storage OWNER storage;
REVOKE ALL ON DATABASE storage FROM PUBLIC;
