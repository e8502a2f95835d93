"""Read a published copy: each file becomes one or more tables, whatever its format."""

from ringfence.leaks.dumps.dump_table import DumpContent, DumpTable, UnreadableRecords
from ringfence.leaks.dumps.opening import DUMP_FORMATS, open_dump

__all__ = ["DUMP_FORMATS", "DumpContent", "DumpTable", "UnreadableRecords", "open_dump"]
