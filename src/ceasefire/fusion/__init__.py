"""Reports into incidents. Never imports the agreement."""
