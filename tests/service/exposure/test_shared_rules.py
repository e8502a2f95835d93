"""The judge's item rules reach the process that answers gateways."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.errors import OutputError
from ringfence.events import items
from ringfence.service.exposure.shared_rules import read_item_rules, rules_file, write_item_rules
from ringfence.service.files import ServiceFolder

LEARNED = items.learned_preset(
    (
        items.Rule(r"/works/(?P<item>\d+)", prefix="w-", normalise=True),
        items.Rule(r"/(?P<group>\w+)/x(?P<item>\w+)", surface="download"),
    )
)


@pytest.mark.parametrize("rules", [*items.PRESETS, LEARNED], ids=lambda one: one.name)
def test_rules_are_read_as_they_were_written(tmp_path: Path, rules: items.Preset) -> None:
    """Presets and learned rules are the same objects for both processes."""
    folder = ServiceFolder(tmp_path)
    assert read_item_rules(folder) is None
    write_item_rules(folder, rules)
    assert read_item_rules(folder) == rules


def test_the_file_changes_only_with_the_rules(tmp_path: Path) -> None:
    """Rules that are there already are not written again."""
    folder = ServiceFolder(tmp_path)
    write_item_rules(folder, LEARNED)
    before = rules_file(folder).stat()
    write_item_rules(folder, LEARNED)
    assert rules_file(folder).stat().st_ino == before.st_ino
    write_item_rules(folder, items.preset("path"))
    assert rules_file(folder).stat().st_ino != before.st_ino


@pytest.mark.parametrize("text", ["", "[]", '{"name": "x"}', '{"name": "x", "rules": [{"a": 1}]}'])
def test_another_file_is_named(tmp_path: Path, text: str) -> None:
    """A file without rules raises an error with its path."""
    folder = ServiceFolder(tmp_path)
    write_item_rules(folder, LEARNED)
    rules_file(folder).write_text(text)
    with pytest.raises(OutputError, match=r"item-rules\.json: this is not a file of item rules"):
        read_item_rules(folder)
