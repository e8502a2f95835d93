"""Exposure: the number of new items that each account has taken, and what it may still take.

The judge writes the takes into the feed. The process that answers gateways reads the feed, and
keeps counters per account and a filter of all pairs of account and item.
"""
