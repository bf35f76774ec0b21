"""Takes: the database, the files, capture and sound."""
