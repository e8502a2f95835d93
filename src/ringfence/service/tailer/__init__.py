"""Follow log files and Kafka topics: each line is stored once, whatever happens meanwhile.

Lines are stored as they came, in an append log of their own. The frame that has them also says up
to which place the source was read. So lines and place are on disk together, or neither is.
"""

from ringfence.service.tailer.process import run_tailer

__all__ = ["run_tailer"]
