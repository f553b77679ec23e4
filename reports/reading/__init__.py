"""Whatever a user has, read into the rows that ``models`` knows: tables, parts of files, sources."""
