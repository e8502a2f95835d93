"""What a reviewer reads: ``report.html`` and ``findings.jsonl``, written and read back."""

from ringfence.report.contents import Contents
from ringfence.report.jsonl import finding_to_json, write_findings
from ringfence.report.page import write_html
from ringfence.report.stored import Stored, read_stored

__all__ = [
    "Contents",
    "Stored",
    "finding_to_json",
    "read_stored",
    "write_findings",
    "write_html",
]
