DROP TABLE usr_user_personas;
