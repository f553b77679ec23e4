"""How fast, against named peers in the same run: ``make bench``."""
