"""Whether the verdict names what data were built to be: simulated data sets of known health, and a confusion table."""
