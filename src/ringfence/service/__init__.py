"""The service that runs beside a catalogue: it takes events, judges, and answers gateways.

It is three processes that share one folder of files; docs/decisions/0043-the-service.md says why.
"""
