"""A saved report read back and computed again, and two reports held side by side."""
