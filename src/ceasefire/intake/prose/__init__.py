"""Text into reports. Thin: reading prose is later work."""
