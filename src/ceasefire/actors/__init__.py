"""Who is who, by date: names in many languages, aliases, affiliations. Knows nothing of agreements."""
