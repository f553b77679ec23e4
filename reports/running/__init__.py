"""Long work: its progress, its bars, and the processes that it is done in."""
