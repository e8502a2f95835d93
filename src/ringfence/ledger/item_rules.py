"""Remember item rules in the ledger, so that an item has the same name in every source."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.events import items

KNOWN_RULES: Final = Statement(
    "ledger.known_rules",
    "SELECT pattern, surface, prefix, normalise FROM item_rules ORDER BY position",
)
ADD_RULE: Final = Statement(
    "ledger.add_rule",
    "INSERT INTO item_rules VALUES ($position, $pattern, $surface, $prefix, $normalise)",
)

_PRESETS: Final = {one.name: one for one in items.PRESETS}


def remembered_rules(engine: Engine, names: frozenset[str]) -> items.Preset | None:
    """Return the rules by which the sources of the ledger were read.

    Args:
        engine: has the ledger's tables.
        names: names of the item rules of all sources.

    Returns:
        The learned rules, if any source was read by such; else the preset, if all were read by
        the same; else None.
    """
    if rules := _stored(engine):
        return items.learned_preset(rules)
    return _PRESETS.get(next(iter(names))) if len(names) == 1 else None


def remember_rules(engine: Engine, rules: items.Preset | None) -> None:
    """Store learned rules that the ledger does not have yet, behind those it has."""
    if rules is None or rules.name != "learned":
        return
    stored = _stored(engine)
    for position, rule in enumerate(rules.rules):
        if rule not in stored:
            engine.run(
                ADD_RULE,
                {
                    "position": position,
                    "pattern": rule.pattern,
                    "surface": rule.surface,
                    "prefix": rule.prefix,
                    "normalise": rule.normalise,
                },
            )


def _stored(engine: Engine) -> tuple[items.Rule, ...]:
    return tuple(
        items.Rule(pattern, surface=surface, prefix=prefix, normalise=normalise)
        for pattern, surface, prefix, normalise in engine.rows(KNOWN_RULES)
    )
