"""Replay a policy over past days in a copy of the ledger, to see which accounts it would affect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ringfence.cases import open_store
from ringfence.errors import LedgerError
from ringfence.pipeline.known_findings import known_left_to_people, known_thefts, permitted
from ringfence.pipeline.policy_replay import Hit, PolicyReplay, replay_policies
from ringfence.policy_settings import PolicySettings
from ringfence.progress import Progress
from ringfence.service.files import ServiceFolder
from ringfence.service.questions.ledger_copy import copied_ledger
from ringfence.settings import Settings

IN_FORCE: Final = "in force"
"""The name of the policy in force."""

OTHER_POLICY: Final = "other"
"""The name of the policy that is tried."""

_HITS: Final = 2_000
_ACCOUNTS: Final = 5


def answer_replay(
    folder: ServiceFolder, settings: Settings, task: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Return what the policy in force, and another one, would have done on each past day.

    Args:
        folder: of the service.
        settings: all settings.
        task: ``days``; and ``policy`` as JSON values, or nothing for the one in force alone.
        progress: receives each day.

    Raises:
        RingfenceError: the ledger, the case store or a table cannot be used.
    """
    policies = {IN_FORCE: settings.policy}
    if task.get("policy"):
        policies[OTHER_POLICY] = PolicySettings.model_validate(task["policy"])
    service = settings.service
    progress.step("copying the ledger")
    with (
        copied_ledger(folder, service.free_disk_mb * 1_000_000) as ledger,
        open_store(settings.cases.url or folder.cases) as store,
    ):
        if ledger is None:
            raise LedgerError("is not there yet", hint="it begins with the first events")
        replay = replay_policies(
            ledger,
            policies,
            settings,
            last=int(task["days"]),
            catalogue=Path(service.catalogue) if service.catalogue else None,
            accounts=Path(service.accounts) if service.accounts else None,
            exemptions=permitted(store, settings),
            left_to_people=known_left_to_people(store),
            stolen=known_thefts(store),
            progress=progress,
            by_time=True,
        )
    return _told(replay)


def _told(replay: PolicyReplay) -> dict[str, Any]:
    return {
        "policies": list(replay.policies),
        "days": [f"{day:%Y-%m-%d}" for day in replay.days],
        "found": len(replay.hits),
        "hits": [_hit(one) for one in replay.hits[:_HITS]],
        "sums": [_sums(name, replay) for name in replay.policies],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        **asdict(hit),
        "day": f"{hit.day:%Y-%m-%d}",
        "accounts": list(hit.accounts[:_ACCOUNTS]),
        "of_accounts": len(hit.accounts),
    }


def _sums(name: str, replay: PolicyReplay) -> dict[str, Any]:
    hits = [one for one in replay.hits if one.policy == name]
    automatic = {one.case: len(one.accounts) for one in hits if one.automatic}
    waiting = {one.case for one in hits if not one.automatic}
    return {
        "policy": name,
        "automatic": len(automatic),
        "accounts": sum(automatic.values()),
        "waiting": len(waiting),
    }
