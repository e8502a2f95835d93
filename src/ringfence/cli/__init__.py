"""The ``ringfence`` command: parse, call, render."""

from ringfence.cli.main import main

__all__ = ["main"]
