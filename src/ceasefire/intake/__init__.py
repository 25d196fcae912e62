"""Files and prose into reports: one module per format."""
