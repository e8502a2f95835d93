"""Own past: find logins that may be stolen, because they are unlike their own past.

An account is divided at a day on which foreign places appear: networks and clients that it never
used before. Its use from there is compared with all of its use before, in volume, hours and
taste. The comparison accuses nobody: its verdict is ``suspect``, and the advice is to reset the
credentials and to contact the owner.
"""

from ringfence.own_past.foreign_holdings import ForeignUse, single_out_foreign_use
from ringfence.own_past.measure import OWN_PAST, OwnPast, measure_own_past

__all__ = ["OWN_PAST", "ForeignUse", "OwnPast", "measure_own_past", "single_out_foreign_use"]
