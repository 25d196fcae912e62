"""The records and vocabularies that every room shares; errors; reading files with line numbers."""
