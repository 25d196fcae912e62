"""What the incidents together say about the truce. Thin: counts and bounds for the bulletin."""
