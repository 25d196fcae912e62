"""Where posts and patrols stand. Thin: later work fills it."""
