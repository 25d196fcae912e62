"""Runs the stages over a workspace; questions that cross stages."""
