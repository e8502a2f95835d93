"""Link records without an id to items by title, artist and duration: Fellegi and Sunter (1969)."""

from ringfence.leaks.linkage.linking import link_records
from ringfence.leaks.linkage.summary import LinkageSummary

__all__ = ["LinkageSummary", "link_records"]
