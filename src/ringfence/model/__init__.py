"""What crosses a wall between packages, defined once: evidence and findings."""
