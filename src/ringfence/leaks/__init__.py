"""Leaks: what a published copy of the catalogue contains, and through whom it left."""
