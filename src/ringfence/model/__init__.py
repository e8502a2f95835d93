"""Records that cross from one package to another, each defined once."""
