"""What a reviewer reads: ``report.html`` and ``findings.jsonl``."""

from ringfence.report.contents import Contents
from ringfence.report.jsonl import finding_to_json, write_findings
from ringfence.report.page import write_html

__all__ = ["Contents", "finding_to_json", "write_findings", "write_html"]
