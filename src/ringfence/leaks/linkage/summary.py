"""Numbers about a linkage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.leaks.chance import Relation


@dataclass(frozen=True)
class LinkageSummary:
    """The outcome of linking the records of a dump that no id matched.

    Attributes:
        records: number of records that were compared.
        linked: number of records that were given an item.
        ambiguous: records with candidates of which none is likely enough.
        duplicates: linked records whose item another record was given before.
        expected_false: expected number of wrong links, from the posterior probabilities.
        false_rate: the same as a share of the links.
        decoys_linked: links of as many decoys: records with title, artist and duration of three
            different records, which are in no catalogue.
        threshold: least posterior probability of a link.
        weights: match weight in bits of each level of each comparison.
        relation: whether the dump has to do with the catalogue, from links and decoys.
    """

    records: int
    linked: int
    ambiguous: int
    duplicates: int
    expected_false: float
    false_rate: float
    decoys_linked: int
    threshold: float
    weights: Mapping[str, Mapping[str, float]]
    relation: Relation
