"""The layouts of streams, by which stored lines of log files are read.

The tailer stores lines of log files as they are. The lines of a stream have one layout, which was
detected once. The judge reads every part of the stream by it, so the parts never differ.
"""

from ringfence.service.stream_layouts.stream_layout import (
    StreamLayout,
    all_layouts,
    read_layout,
    stream_name,
    write_layout,
)

__all__ = ["StreamLayout", "all_layouts", "read_layout", "stream_name", "write_layout"]
