"""Find the canaries that accounts have used, in a copy of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ringfence.catalogue.canary_list import read_canaries
from ringfence.errors import LedgerError
from ringfence.leaks.canaries import canary_uses
from ringfence.progress import Progress
from ringfence.service.files import ServiceFolder
from ringfence.service.questions.ledger_copy import copied_ledger
from ringfence.settings import Settings

USED_ON_PAGE: Final = 200
"""Canaries in an answer. The answer states the number of all."""


def answer_canaries(
    folder: ServiceFolder,
    settings: Settings,
    task: Mapping[str, Any],  # noqa: ARG001 - the form of all answers
    progress: Progress,
) -> dict[str, Any]:
    """Return the canaries that were used, and the accounts that used them. No others are named.

    Args:
        folder: of the service.
        settings: all settings.
        task: nothing.
        progress: receives each step.

    Raises:
        RingfenceError: the list or the ledger cannot be used.
    """
    canaries = read_canaries(settings.canaries.file)
    progress.step("copying the ledger")
    with copied_ledger(folder, settings.service.free_disk_mb * 1_000_000) as ledger:
        if ledger is None:
            raise LedgerError("is not there yet", hint="it begins with the first events")
        progress.step("looking for canaries")
        used = canary_uses(ledger, canaries, settings)
    return {
        "planted": len(canaries),
        "used": len(used),
        "canaries": [
            {
                "item": one.item,
                "holders": one.holders,
                "first": one.first.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "accounts": [name for name, _ in one.accounts],
            }
            for one in used[:USED_ON_PAGE]
        ],
    }
