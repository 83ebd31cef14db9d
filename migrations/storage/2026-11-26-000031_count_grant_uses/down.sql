DROP TABLE stg_grant_uses;
