"""Cases in the formats of other systems: OCSF, STIX, and the DSA transparency database.

Each format is a function from the content of the store about a case to JSON values. Nothing is
sent.
"""
