"""What estimates and intervals are worth over many data sets from one truth."""
