"""The content of the pages about accounts and rings, read from the ledger."""
