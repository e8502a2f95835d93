"""Statistics that every package uses: calibration of p-values."""
