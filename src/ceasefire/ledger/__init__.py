"""The append-only record: entries, Merkle tree, batches."""
