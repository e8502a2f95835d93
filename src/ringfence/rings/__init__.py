"""Find rings: accounts that divide the catalogue, or act in lockstep.

:func:`detect_rings` is the only public door.
"""

from ringfence.rings.detect import detect_rings

__all__ = ["detect_rings"]
