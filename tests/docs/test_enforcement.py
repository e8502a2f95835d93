"""The pages on which people turn enforcement on name both switches."""

from __future__ import annotations

import re
import tomllib

import pytest
from tests.docs.blocks import ROOT

from ringfence.settings import Settings

BUDGET = "service.budget.enforce"


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/how-to/run-the-service.md",
        "docs/how-to/protect-with-a-gateway.md",
        "docs/how-to/set-a-policy.md",
    ],
)
def test_the_page_names_both_switches(page: str) -> None:
    """A policy that is enforced makes no allowance refuse anything, so neither is enough."""
    text = (ROOT / page).read_text(encoding="utf-8")
    assert BUDGET in text
    assert re.search(r'policy\.mode|mode = "enforce"', text)


@pytest.mark.parametrize("page", ["run-the-service.md", "protect-with-a-gateway.md"])
def test_the_settings_on_the_page_turn_both_on(page: str) -> None:
    """They are off by default, and a reader copies the block."""
    text = (ROOT / "docs/how-to" / page).read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(\[service\.budget\]\n.*?)```", text, re.DOTALL)
    before, after = Settings(), Settings.model_validate(tomllib.loads(block))
    assert (before.service.budget.enforce, before.policy.mode) == (False, "shadow")
    assert (after.service.budget.enforce, after.policy.mode) == (True, "enforce")
