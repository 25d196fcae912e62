"""Sentences, tables, charts, maps; PDF and HTML."""
