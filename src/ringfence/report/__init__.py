"""Write ``report.html`` and ``findings.jsonl``, and read findings back."""

from ringfence.report.contents import Contents
from ringfence.report.jsonl import read_findings, write_findings
from ringfence.report.lookup import Subject, look_up
from ringfence.report.page import write_html

__all__ = [
    "Contents",
    "Subject",
    "look_up",
    "read_findings",
    "write_findings",
    "write_html",
]
