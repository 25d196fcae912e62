"""The server. Thin: later work fills it."""
