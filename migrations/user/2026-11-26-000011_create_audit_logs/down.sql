DROP TABLE usr_audit_logs;
DROP FUNCTION usr_audit_logs_append_only;
