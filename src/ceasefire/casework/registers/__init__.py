"""Two registers: the lists of two delegations for one day, sealed at a cut-off, opened together, answered, signed."""
