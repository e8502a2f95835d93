"""Notices about a published copy: texts, batches, and signed packs of evidence.

Nothing is sent, and no site is visited.
"""

from ringfence.leaks.notices.checking import PackCheck, check_pack
from ringfence.leaks.notices.claims import Law
from ringfence.leaks.notices.making import LINKS_TABLE, NoticePack, NoticeRequest, make_notices
from ringfence.leaks.notices.signing import NoticeKey, create_notice_key, open_notice_key

__all__ = [
    "LINKS_TABLE",
    "Law",
    "NoticeKey",
    "NoticePack",
    "NoticeRequest",
    "PackCheck",
    "check_pack",
    "create_notice_key",
    "make_notices",
    "open_notice_key",
]
