"""A replay asks before each use, and extractors do not give up."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

import pytest

from ringfence.lab.live import AccessReplay
from ringfence.lab.simulate import Scenario
from ringfence.lab.simulate.plan import ScenarioPlan
from ringfence.lab.simulate.scenario import AttackSection, CatalogueSection, UserSection
from ringfence.stats.seconds import DAY, HOUR

START = 1_700_006_400
Question = tuple[str, str, float]


class ScriptedGate:
    """Allows all but the named accounts, and notes what was asked.

    Args:
        refused: answer to accounts that are not allowed.
    """

    def __init__(self, **refused: tuple[str, str]) -> None:
        self.refused = {name.replace("_", "-"): answer for name, answer in refused.items()}
        self.asked: list[list[Question]] = []

    def ask(self, questions: Sequence[Question]) -> list[tuple[str, str]]:
        """Answer some questions."""
        self.asked.append(list(questions))
        return [self.refused.get(account, ("allow", "")) for account, _, _ in questions]


@pytest.fixture(scope="module")
def plan() -> ScenarioPlan:
    """Return a day with 20 users and three extractors that take 1,000 items each."""
    attack = AttackSection(name="incident-480", parameters={"accounts": 3, "days": 1})
    return ScenarioPlan(
        Scenario(
            days=1,
            catalogue=CatalogueSection(items=100_000),
            users=UserSection(accounts=20),
            attack=(attack,),
        )
    )


def played(replay: AccessReplay) -> list[dict[str, object]]:
    """Play all steps and return the records."""
    steps = replay.steps(HOUR)
    return [json.loads(record) for _, batch in steps for record in replay.play(batch)]


def test_allowed_uses_become_records(plan: ScenarioPlan) -> None:
    """Each allowed use is a record with the moment, the account and the item of its question."""
    gate = ScriptedGate()
    replay = AccessReplay(plan, gate.ask, START)
    records = played(replay)
    asked = [one for run in gate.asked for one in run]
    assert [(r["account"], r["item"], r["ts"]) for r in records] == asked
    moments = [moment for _, _, moment in asked]
    assert moments == sorted(moments)
    assert START <= moments[0] < moments[-1] < START + DAY
    assert len(replay.tally.taken) == 3_000
    assert replay.tally.requests == len(asked)
    assert not replay.tally.denied


def test_no_question_depends_on_one_that_is_not_answered(plan: ScenarioPlan) -> None:
    """No extractor is asked for twice at once, for its second question depends on the answer."""
    gate = ScriptedGate()
    replay = AccessReplay(plan, gate.ask, START)
    played(replay)
    extractors = {replay.name(account) for account in range(20, 23)}
    for run in gate.asked:
        own = [account for account, _, _ in run if account in extractors]
        assert len(own) == len(set(own))


def test_an_extractor_asks_until_it_gets_the_item(plan: ScenarioPlan) -> None:
    """An extractor that is refused asks for the same item again, and nothing is recorded."""
    name = AccessReplay(plan, ScriptedGate().ask, START).name(20)
    gate = ScriptedGate(**{name: ("throttle", "hour")})
    replay = AccessReplay(plan, gate.ask, START)
    records = played(replay)
    items = defaultdict(set)
    for run in gate.asked:
        for account, item, _ in run:
            items[account].add(item)
    assert len(items[name]) == 1
    assert all(record["account"] != name for record in records)
    assert replay.tally.slowed == {20}
    assert not replay.tally.stopped


def test_the_incident_is_over_when_all_are_held(plan: ScenarioPlan) -> None:
    """An extractor counts as stopped from its first refusal by a decision on."""
    names = [AccessReplay(plan, ScriptedGate().ask, START).name(number) for number in (20, 21, 22)]
    gate = ScriptedGate(**dict.fromkeys(names, ("deny", "held")))
    replay = AccessReplay(plan, gate.ask, START)
    played(replay)
    assert replay.tally.is_over
    assert set(replay.tally.stopped) == {20, 21, 22}
    assert replay.tally.share == 0


def test_users_who_are_refused_are_counted(plan: ScenarioPlan) -> None:
    """Each refused request of an honest user counts against the protection."""
    name = AccessReplay(plan, ScriptedGate().ask, START).name(0)
    gate = ScriptedGate(**{name: ("challenge", "held")})
    replay = AccessReplay(plan, gate.ask, START)
    played(replay)
    asked = sum(account == name for run in gate.asked for account, _, _ in run)
    assert replay.tally.denied == {0: asked}
    assert not replay.tally.is_over
