"""Ceasefire monitoring: agreements as data, incidents checked clause by clause, findings that show their reasons."""

__version__ = "0.1.0"
