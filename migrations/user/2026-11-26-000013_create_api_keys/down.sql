DROP TABLE usr_api_keys;
