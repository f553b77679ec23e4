"""Whatever file a user has, read into columns, or refused in one sentence that says what to do."""
