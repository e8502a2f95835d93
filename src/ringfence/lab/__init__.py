"""Simulate a service and evaluate the detection; never part of a scan."""
