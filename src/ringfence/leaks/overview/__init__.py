"""Read the assessments, packs and canaries in the folders that the settings name."""

from ringfence.leaks.overview.assessments import (
    StoredAssessment,
    StoredAttribution,
    WrittenLeak,
    written_leak,
    written_leaks,
)
from ringfence.leaks.overview.canary_counts import CanaryCounts, count_canaries
from ringfence.leaks.overview.folders import UnreadableFolder
from ringfence.leaks.overview.packs import (
    HostNotices,
    WrittenPack,
    hosts_of,
    written_pack,
    written_packs,
)

__all__ = [
    "CanaryCounts",
    "HostNotices",
    "StoredAssessment",
    "StoredAttribution",
    "UnreadableFolder",
    "WrittenLeak",
    "WrittenPack",
    "count_canaries",
    "hosts_of",
    "written_leak",
    "written_leaks",
    "written_pack",
    "written_packs",
]
