"""Layouts of text logs: data in the notation of their owners, compiled to one fast reader."""
