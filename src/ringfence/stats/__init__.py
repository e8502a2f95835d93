"""Statistics that every package may use: pure NumPy and SciPy, without an engine."""
