"""Attributes that accounts share: they say where to look, and are never evidence."""
