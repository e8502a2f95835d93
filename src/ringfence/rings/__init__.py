"""Find rings: accounts that divide the catalogue among themselves, or act in lockstep.

:func:`detect_rings` is the only public function. The sub-packages are

* ``collision``: members share too few items;
* ``lockstep``: members take the same items at the same times;
* ``links``: attributes that accounts share, which select sets to test and describe rings.
"""

from ringfence.rings.detect import detect_rings

__all__ = ["detect_rings"]
