DROP TABLE usr_data_requests;
