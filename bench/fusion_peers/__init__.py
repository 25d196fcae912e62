"""What the fusion benchmarks share: reports whose truth is known, scores, and the peers by their packages."""
