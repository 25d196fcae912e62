"""Incidents against clauses into findings; obligations against periods into states; each with its trace."""
