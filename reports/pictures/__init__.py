"""Pictures for teaching: EM step by step from a poor start, its clusters and its density."""
