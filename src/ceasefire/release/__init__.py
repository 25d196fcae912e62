"""What may be told to whom: classes, coarsening, delay, suppression."""
