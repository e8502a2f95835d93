"""Attribution: through which accounts and rings a published copy left, from the ledger."""

from ringfence.leaks.attribution.attribute import Attribution, LeakFiles, LeakSource, attribute_leak

__all__ = ["Attribution", "LeakFiles", "LeakSource", "attribute_leak"]
