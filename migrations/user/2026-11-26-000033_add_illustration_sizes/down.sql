DROP INDEX lib_illustrations_of_file;
ALTER TABLE lib_illustrations DROP width, DROP height;
