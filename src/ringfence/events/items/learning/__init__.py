"""Learn item rules from the URLs of a sample."""

from ringfence.events.items.learning.learn import learn, learned_preset

__all__ = ["learn", "learned_preset"]
