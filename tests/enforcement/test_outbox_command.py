"""``ringfence outbox``: deliver, list, and send dead letters again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.enforcement.acts import end, open_case, order
from typer.testing import CliRunner

from ringfence.cases import open_store
from ringfence.cli.case import case_app
from ringfence.cli.outbox import outbox_app

SINK = """
[cases]
url = "{folder}/cases.sqlite"

[[enforcement.sinks]]
type = "command"
name = "hook"
command = ["sh", "-c", "exit $(cat {folder}/status)"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return settings with a sink, and a store with a suspended account."""
    with open_store(tmp_path / "cases.sqlite") as store:
        order(store, open_case(store, "an\x1bn"), "suspend")
    (tmp_path / "ringfence.toml").write_text(SINK.format(folder=tmp_path))
    (tmp_path / "status").write_text("0")
    return tmp_path / "ringfence.toml"


def run(config: Path, *arguments: str) -> tuple[int, str]:
    """Run a command, and return its status and output."""
    done = CliRunner().invoke(outbox_app, [*arguments, "--config", str(config)])
    return done.exit_code, done.output


def test_deliver_says_what_was_delivered(config: Path) -> None:
    """The first run delivers the effect, and the second one has nothing to do."""
    assert run(config, "deliver") == (0, "hook: 1 delivered, 0 failed, 0 dead\n")
    status, said = run(config, "deliver", "--json")
    (report,) = json.loads(said)
    assert (status, report["sink"], report["delivered"]) == (0, "hook", 0)
    assert "\x1b" not in run(config, "list")[1]
    (row,) = json.loads(run(config, "list", "--json")[1])
    assert (row["account"], row["effect"], row["state"]) == ("an\x1bn", "suspend", "done")


def test_a_dead_letter_is_listed_and_sent_again(config: Path) -> None:
    """A refusal ends with status 1 and is listed; after the repair it is delivered."""
    assert run(config, "dead") == (0, "There is no dead letter.\n")
    (config.parent / "status").write_text("65")
    status, said = run(config, "deliver")
    assert (status, said.splitlines()[0]) == (1, "hook: 0 delivered, 0 failed, 1 dead")
    assert "status 65" in run(config, "dead")[1]
    (config.parent / "status").write_text("0")
    assert run(config, "resend", "1", "hook")[0] == 0
    assert run(config, "deliver")[1] == "hook: 1 delivered, 0 failed, 0 dead\n"
    assert json.loads(run(config, "dead", "--json")[1]) == []


def test_a_dead_lift_fails_until_it_is_settled(config: Path) -> None:
    """A free account that a sink still holds is not forgotten after the first run."""
    run(config, "deliver")
    with open_store(config.parent / "cases.sqlite") as store:
        end(store, 1)
    (config.parent / "status").write_text("65")
    for _ in range(2):
        status, said = run(config, "deliver")
        assert status == 1
        assert "hook has the effect suspend, and it is free" in said
        assert "\x1b" not in said
    shown = CliRunner().invoke(case_app, ["show", "1", "--config", str(config)]).output
    assert "hook has the effect suspend, and it is free" in shown
    assert "ringfence outbox resend 2 hook" in shown
    assert run(config, "settle", "1", "hook")[0] != 0, "effect 1 is no dead letter"
    assert run(config, "settle", "2", "hook") == (0, "")
    assert run(config, "deliver")[0] == 0
    shown = CliRunner().invoke(case_app, ["show", "1", "--config", str(config)]).output
    assert "still holds" not in shown


def test_a_dead_lift_of_an_account_that_was_held_again_is_no_failure(config: Path) -> None:
    """A decision is in force, so the sink may hold the account."""
    run(config, "deliver")
    (config.parent / "status").write_text("65")
    with open_store(config.parent / "cases.sqlite") as store:
        end(store, 1)
        run(config, "deliver")
        order(store, open_case(store, "an\x1bn", "bob"), "throttle")
    (config.parent / "status").write_text("0")
    assert run(config, "deliver")[0] == 0


def test_a_sink_that_is_gone_is_named_until_it_is_dropped(config: Path) -> None:
    """It keeps an account that is free, so the commands say so, and name it at the end."""
    run(config, "deliver")
    assert run(config, "drop", "hook")[0] != 0, "it is in the settings"
    with open_store(config.parent / "cases.sqlite") as store:
        end(store, 1)
    text = config.read_text()
    config.write_text(text.partition("[[")[0])
    for command in ("deliver", "list"):
        said = " ".join(run(config, command)[1].split())
        assert "hook is not in the settings. Effects that wait for it: 1" in said
    status, said = run(config, "drop", "hook")
    assert status == 0
    assert "not told that this account is free: an" in said
    assert "\x1b" not in said
    assert "hook" not in run(config, "deliver")[1]
    assert run(config, "drop", "hook")[0] != 0, "it is not known any more"
    forget = ["forget", "an\x1bn", "--reason", "request 1", "--config", str(config)]
    assert CliRunner().invoke(case_app, forget).exit_code == 0


def test_effects_that_nobody_has_put_down_are_counted(config: Path) -> None:
    """Before the first delivery the list is empty, and says that an effect waits."""
    status, said = run(config, "list")
    assert status == 0
    assert "hook: 1 effects wait for the next ringfence outbox deliver" in said
    run(config, "deliver")
    assert "wait for the next" not in run(config, "list")[1]


def test_a_case_names_the_effects_that_no_sink_has_applied(config: Path) -> None:
    """A reviewer who sees the decision sees as well that it has no effect yet."""
    (config.parent / "status").write_text("65")
    run(config, "deliver")
    shown = CliRunner().invoke(case_app, ["show", "1", "--config", str(config)]).output
    assert "suspend is dead at hook" in " ".join(shown.split())
