"""Cases in the formats of other systems: OCSF, STIX, and the DSA transparency database.

Each format is a function from what the store knows about a case to JSON values. Nothing is sent.
"""
