"""Take events from clients: checked, and on disk before they are acknowledged."""
