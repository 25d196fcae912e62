"""Loads and checks a case; what binds whom, where, when and under which reading."""
