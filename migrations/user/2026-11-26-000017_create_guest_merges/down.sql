DROP TABLE usr_guest_merges;
