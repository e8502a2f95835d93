"""Measure the crawls and thefts that operators report, each among honest users of its own.

A replay among the users of a log has no failed requests, no bytes and no lists, and it counts only
the verdict extracting. So a situation is scanned as a whole through the public path. Suspects count
as found.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from ringfence.engine import Statement, open_engine
from ringfence.errors import SettingsError
from ringfence.events.formats.source_columns import path_sql
from ringfence.lab.simulate.scenario import Scenario, load_scenario
from ringfence.lab.simulate.truth import Truth, read_truth
from ringfence.lab.simulate.writing import write_scenario
from ringfence.model.finding import Finding
from ringfence.pipeline import Progress
from ringfence.pipeline.scan import scan
from ringfence.settings import RobotSettings, Settings
from ringfence.suggestions import did_you_mean

SITUATIONS: Final = (
    "crawl-4000x3", "crawl-800x15", "crawl-600-forged", "crawl-6000-ipv6", "crawl-500-false-robot",
    "ids-36000", "search-16000", "archives-800",
    "stolen-nights-40", "stolen-nights-80", "stolen-crew-20", "stolen-network-20",
    "stolen-lockstep-20",
)  # fmt: skip
"""Permanent names. Each is a scenario and the attack in it."""

VERIFIED: Final = "crawl-500-false-robot"
"""The situation in which the operator gives the networks that crawlers publish."""

PUBLISHED_NETWORKS: Final = "66.249.64.0/19,Googlebot\n157.55.39.0/24,bingbot\n"
"""Networks that contain those of both crawlers, as their operators publish them."""

SEED_STEP: Final = 1_000
"""Distance of a situation's seeds. The scenarios' own seeds are less far apart."""

HELD_ITEMS: Final = Statement(
    "evaluate.items_of_situation",
    """
SELECT count(DISTINCT e.item) AS items
FROM situation AS e
JOIN found_accounts AS f ON f.account = e.account
WHERE e.status = 200 AND (NOT $foreign OR e.ip LIKE '100.%')
""",
)
"""Distinct items that found accounts took; with ``foreign``, from the network of a thief only.
In these scenarios thieves alone have addresses in 100.64.0.0/10 (RFC 6598)."""


@dataclass(frozen=True)
class SituationOutcome:
    """One situation with one seed.

    Attributes:
        situation: its name.
        seed: number of the run; 0 is the permanent scenario.
        accounts: accounts of the attack.
        users: honest accounts.
        found: accounts of the attack in any finding.
        together: accounts of the attack in the one finding that has most of them.
        honest_together: honest accounts in that finding.
        honest_found: honest accounts in any finding.
        honest_accused: honest accounts in a finding with the verdict extracting.
        verdict: the verdict of that one finding; empty if no account of the attack is found.
        held: distinct items that the found accounts took for the attack, until the scan.
        cpu: processor time of the scan, seconds.
    """

    situation: str
    seed: int
    accounts: int
    users: int
    found: int
    together: int
    honest_together: int
    honest_found: int
    honest_accused: int
    verdict: str
    held: int
    cpu: float

    @property
    def honest_share(self) -> float:
        """Share of honest accounts in the finding that has most accounts of the attack."""
        members = self.together + self.honest_together
        return self.honest_together / members if members else 0.0


def named_situations(names: Sequence[str]) -> list[Scenario]:
    """Return the named situations, each once; ``all`` stands for every one.

    Raises:
        SettingsError: a name is not that of a situation.
    """
    for name in names:
        if name not in (*SITUATIONS, "all"):
            raise SettingsError(
                f"there is no situation {name!r}",
                where="--situation",
                hint=did_you_mean(name, SITUATIONS)
                or f"name one of {', '.join(SITUATIONS)}, or all",
            )
    chosen = SITUATIONS if "all" in names else dict.fromkeys(names)
    return [load_scenario(name) for name in chosen]


def measure_situations(
    scenarios: Sequence[Scenario],
    settings: Settings,
    scratch: Path,
    seeds: int = 1,
    progress: Progress | None = None,
) -> tuple[SituationOutcome, ...]:
    """Measure every situation with every seed; each takes 5 to 20 seconds of processor time.

    Args:
        scenarios: the situations.
        settings: how to judge.
        scratch: an existing folder. Nothing is left in it.
        seeds: runs of each situation, with seeds from 0 on.
        progress: is told of each run.
    """
    progress = progress or Progress()
    progress.begin(seeds * len(scenarios), lambda: 0.0)
    outcomes = tuple(_runs(scenarios, settings, scratch, seeds, progress))
    progress.end()
    return outcomes


def _runs(
    scenarios: Sequence[Scenario], settings: Settings, scratch: Path, seeds: int, progress: Progress
) -> Iterator[SituationOutcome]:
    for scenario in scenarios:
        for seed in range(seeds):
            progress.step(f"{scenario.name}, seed {seed}")
            with TemporaryDirectory(dir=scratch) as folder:
                yield measure_situation(scenario, seed, settings, Path(folder))


def measure_situation(
    scenario: Scenario, seed: int, settings: Settings, folder: Path
) -> SituationOutcome:
    """Write the events of a situation, scan them, and compare the findings with the truth.

    Args:
        scenario: a situation. Its events must have addresses and statuses.
        seed: number of the run; 0 is the permanent scenario.
        settings: how to judge; the sections ``verdicts`` and ``engine`` count.
        folder: an existing folder, which receives the scenario's files.
    """
    write_scenario(scenario.with_seed(scenario.seed + SEED_STEP * seed), folder)
    return judge_situation(scenario.name, seed, settings, folder)


def judge_situation(
    situation: str, seed: int, settings: Settings, folder: Path
) -> SituationOutcome:
    """Scan the events of a situation, and compare the findings with the truth.

    Args:
        situation: its name.
        seed: number of the run.
        settings: how to judge; the sections ``verdicts`` and ``engine`` count.
        folder: it has the scenario's files: ``events`` and ``truth.parquet``.
    """
    chosen = settings_of(situation, settings, folder)
    began = time.process_time()
    result = scan(str(folder / "events" / "*.parquet"), settings=chosen)
    cpu = time.process_time() - began
    truth = read_truth(folder / "truth.parquet")
    return _outcome(situation, seed, result.findings, truth, folder, cpu)


def settings_of(situation: str, settings: Settings, folder: Path) -> Settings:
    """Return the settings of a situation's scan.

    The other sections describe an operator's own log, which these events are not. The situation
    :data:`VERIFIED` is about crawlers' names, so its scan knows the networks of crawlers.
    """
    robots = RobotSettings()
    if situation == VERIFIED:
        networks = folder / "networks.csv"
        networks.write_text(PUBLISHED_NETWORKS, encoding="utf-8")
        robots = RobotSettings(networks=str(networks))
    return Settings(verdicts=settings.verdicts, engine=settings.engine, robots=robots)


def _outcome(  # noqa: PLR0913, PLR0917 - what was scanned and what was found
    situation: str, seed: int, findings: Sequence[Finding], truth: Truth, folder: Path, cpu: float
) -> SituationOutcome:
    """Count the accounts of the findings."""
    extractors = truth.extractors
    in_findings = {account for finding in findings for account in finding.accounts}
    accused = {a for f in findings if f.verdict == "extracting" for a in f.accounts}
    largest = max(findings, key=lambda one: len(extractors & {*one.accounts}), default=None)
    members = {*largest.accounts} if largest and extractors & {*largest.accounts} else set()
    return SituationOutcome(
        situation,
        seed,
        accounts=len(extractors),
        users=len(truth.users),
        found=len(extractors & in_findings),
        together=len(extractors & members),
        honest_together=len(members - extractors),
        honest_found=len(in_findings - extractors),
        honest_accused=len(accused - extractors),
        verdict=largest.verdict if largest and members else "",
        held=_held(situation, extractors & in_findings, folder),
        cpu=cpu,
    )


def _held(situation: str, found: frozenset[str], folder: Path) -> int:
    """Return the distinct items of found accounts; of stolen logins, those of the thief."""
    if not found:
        return 0
    with open_engine() as engine:
        files = path_sql(folder / "events", "*.parquet")
        engine.view("situation", f"SELECT account, item, ip, status FROM read_parquet({files})")  # noqa: S608 - quoted
        engine.table("found_accounts", {"account": np.array(sorted(found), dtype=object)})
        ((items,),) = engine.rows(HELD_ITEMS, {"foreign": situation.startswith("stolen")})
    return int(items)
