"""Somebody else's estimate, judged: where it lies, whether it is a maximum, and which mistake explains it."""
