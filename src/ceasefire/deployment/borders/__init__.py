"""What another border would change: for those who negotiate where a line runs."""
