"""The service that runs beside a catalogue: it takes events, judges accounts and answers gateways."""
