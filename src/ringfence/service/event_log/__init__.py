"""The append log: events are on disk here before they are acknowledged.

The log is a folder of segments, and a segment is a file of frames. A frame holds one batch. One
process appends (:class:`LogWriter`). Any number of others read the closed segments
(:func:`closed_segments`, :func:`read_batches`), which never change again. The judge
deletes a segment when it has used it up.
"""

from ringfence.service.event_log.frames import LONGEST_BATCH, Batch
from ringfence.service.event_log.log_errors import LogDamagedError, LogError, LogFullError
from ringfence.service.event_log.reading import closed_segments, read_batches
from ringfence.service.event_log.writing import LogWriter

__all__ = [
    "LONGEST_BATCH",
    "Batch",
    "LogDamagedError",
    "LogError",
    "LogFullError",
    "LogWriter",
    "closed_segments",
    "read_batches",
]
