"""What the page of an account or a ring shows."""
