"""Attributes that accounts share: they select sets to test, and describe rings."""
