"""The parts of the benchmarks that break a running service: the service, its clients, its count."""
