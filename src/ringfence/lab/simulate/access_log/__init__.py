"""A week of a music service as a web server's access log."""

from ringfence.lab.simulate.access_log.week import Part, Truth, write_access_log

__all__ = ["Part", "Truth", "write_access_log"]
