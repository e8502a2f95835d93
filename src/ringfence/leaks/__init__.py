"""Leaks: what a published copy of the catalogue contains, and through which accounts it left."""
