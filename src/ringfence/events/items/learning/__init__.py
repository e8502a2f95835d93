"""Learn item rules from the URLs of a sample."""

from ringfence.events.items.learning.learn import learn

__all__ = ["learn"]
