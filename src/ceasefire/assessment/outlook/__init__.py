"""What comes next: forecasts as distributions, an alarm against the recent and the past, clusters in space and time."""
