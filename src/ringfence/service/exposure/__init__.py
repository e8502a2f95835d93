"""Exposure: how many items each account has taken that were new to it, and what it may still take.

The judge writes who took what into the feed. The process that answers gateways reads the feed, and
keeps counters per account and a filter of all pairs of account and item.
"""
