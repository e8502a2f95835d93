"""The collision test: rings whose members share too few items."""
