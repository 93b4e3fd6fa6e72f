"""What is in a file: one module a format, each giving a text and where in the file its parts stand."""
