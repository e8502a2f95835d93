"""Ringfence: who is taking the catalogue, how much they hold, and what to do about it."""
