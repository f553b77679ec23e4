"""New rows under a saved report: which component each belongs to, how dense it is there, what is unlike anything seen."""
