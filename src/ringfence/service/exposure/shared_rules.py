"""The item rules that the judge has chosen, for the process that answers gateways.

If the settings leave the choice to the sources, only the judge knows the rules: the ledger
remembers them. The judge writes them beside the feed, so that a URI has the same item at the
gateway as in the ledger. The learned rules of a ledger only grow, so the item of a URI hardly ever
changes.
"""

from __future__ import annotations

import json
from pathlib import Path

from ringfence.errors import OutputError
from ringfence.events.items import PRESETS, Preset, Rule, learned_preset
from ringfence.private_files import make_folder, new_file
from ringfence.service.files import ServiceFolder


def rules_file(folder: ServiceFolder) -> Path:
    """Return the path of the file."""
    return folder.feed / "item-rules.json"


def write_item_rules(folder: ServiceFolder, rules: Preset) -> None:
    """Write the rules, whole or not at all, unless they are there already.

    Args:
        folder: of the service.
        rules: a preset, or rules that were learned.

    Raises:
        OSError: the file cannot be written.
    """
    path, text = rules_file(folder), _text(rules)
    if path.exists() and path.read_bytes() == text:
        return
    make_folder(folder.feed)
    with new_file(path) as file:
        file.write(text)


def read_item_rules(folder: ServiceFolder) -> Preset | None:
    """Return the rules, or None if the judge has written none.

    Raises:
        OSError: the file cannot be read.
        OutputError: it has no rules.
    """
    path = rules_file(folder)
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_bytes())
        presets = {one.name: one for one in PRESETS}
        if content["name"] in presets:
            return presets[content["name"]]
        return learned_preset(tuple(Rule(**entry) for entry in content["rules"]))
    except (ValueError, TypeError, KeyError) as error:
        raise OutputError(
            "this is not a file of item rules",
            where=str(path),
            hint="remove it; the judge writes it again",
        ) from error


def _text(rules: Preset) -> bytes:
    listed = [] if rules in PRESETS else [rule.as_setting() for rule in rules.rules]
    return json.dumps({"name": rules.name, "rules": listed}, indent=1).encode() + b"\n"
