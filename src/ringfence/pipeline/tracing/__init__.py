"""Trace a complaint: which accounts took an item, from where and when, and how sure that is."""
