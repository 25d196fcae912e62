"""Zones and their versions, the index that finds which areas a place lies in, administrative boundaries."""
