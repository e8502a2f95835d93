"""Follow log files and Kafka topics: each line is stored once, whatever happens meanwhile.

Lines are stored unchanged in an append log of their own. Their frame also has the place up to which
the source was read. So either both are on disk, lines and place, or neither is.
"""

from ringfence.service.tailer.process import run_tailer

__all__ = ["run_tailer"]
