DROP TABLE usr_user_sessions;
