DROP TABLE usr_password_resets;
