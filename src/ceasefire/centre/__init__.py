"""The server: routes, errors, security, live updates. It has no rules of its own."""
