"""Turn names of accounts and items into keyed 64-bit numbers.

Names come from outside. With a public hash, somebody could choose names that meet in one place of
the filter or of the counters. So the hash is BLAKE2b with a secret key that is created with the
folder of the service. Without the key, nobody can compute the number of a name or test a guess.

Two names may have the same number. Among 256 million items the chance that any two do is 0.2 %
(birthday bound, n² / 2⁶⁵). The effect is one item that counts as another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ringfence.errors import OutputError
from ringfence.private_files import make_folder, new_place
from ringfence.service.files import ServiceFolder

SECRET_BYTES: Final = 32
"""Length of the secret."""

_ALL_BITS: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB


def load_secret(folder: ServiceFolder) -> bytes:
    """Return the secret of a service, and create it at the first call.

    Of several processes that create it at once, one does, and all return the same. A crash leaves
    no part of a secret.

    Raises:
        OSError: it can be neither read nor written.
        OutputError: the file is not a secret.
    """
    path = folder.secret
    if not path.exists():
        make_folder(path.parent)
        with new_place(path, keeps_other=True) as place:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with os.fdopen(os.open(place, flags, 0o600), "wb") as file:
                file.write(os.urandom(SECRET_BYTES))
    secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise OutputError(
            f"this is not the secret of a service: it has {len(secret)} bytes",
            where=str(path),
            hint="restore it, or remove it together with the folders feed and exposure",
        )
    return secret


def name_hash(secret: bytes) -> Callable[[str], int]:
    """Return the function that turns one name into its number."""
    empty = blake2b(key=secret, digest_size=8)

    def number(name: str) -> int:
        one = empty.copy()
        one.update(name.encode("utf-8", "replace"))
        return int.from_bytes(one.digest(), "little")

    return number


def hash_names(names: Sequence[str], secret: bytes) -> NDArray[np.uint64]:
    """Return the keyed number of each name.

    Args:
        names: names of accounts or of items. Give each different name once: it takes about 1 µs.
            A lone surrogate, which no log can have, counts as a question mark.
        secret: the secret of the service.
    """
    empty = blake2b(key=secret, digest_size=8)
    digests = bytearray()
    for name in names:
        one = empty.copy()
        one.update(name.encode("utf-8", "replace"))
        digests += one.digest()
    return np.frombuffer(bytes(digests), "<u8").astype(np.uint64)


def hash_pairs(accounts: NDArray[np.uint64], items: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return one number for each pair of an account and an item.

    The numbers of both are secret already, so the pair needs no key: it is a mix of both by the
    last steps of SplitMix64 (Steele, Lea and Flood, 2014).

    Args:
        accounts: keyed numbers of accounts.
        items: keyed numbers of items, one per account.
    """
    with np.errstate(over="ignore"):
        mixed = accounts * np.uint64(_STEP) + items
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_FIRST)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_SECOND)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


def hash_pair(account: int, item: int) -> int:
    """Return the number of one pair, as :func:`hash_pairs` does."""
    mixed = (account * _STEP + item) & _ALL_BITS
    mixed = ((mixed ^ (mixed >> 30)) * _FIRST) & _ALL_BITS
    mixed = ((mixed ^ (mixed >> 27)) * _SECOND) & _ALL_BITS
    return mixed ^ (mixed >> 31)
