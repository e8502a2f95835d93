"""One file per kind of connected system."""
