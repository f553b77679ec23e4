"""What is to be thought of two fits side by side: whether they can be read, whether they differ, why."""
