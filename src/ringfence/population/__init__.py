"""Which accounts are scored: declared robots are set apart."""
