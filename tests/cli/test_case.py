"""``ringfence case``, ``grant`` and ``audit``, as an operator types them."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.cases.findings import at, finding, moment, ring
from tests.cli.conftest import Run

from ringfence.cases import open_store, record

ENFORCE = '[cases]\nurl = "cases.sqlite"\n[policy]\nmode = "enforce"\nground = "Terms 5.2"\n'


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Write a store with two accounts and a ring, and settings that name it."""
    path = tmp_path / "cases.sqlite"
    found = [finding("ann"), finding("bob", items=700), ring("a", "b", "c")]
    with open_store(path) as opened, opened.writing() as connection:
        record(connection, found, moment(0), "out/report.html")
    (tmp_path / "ringfence.toml").write_text(ENFORCE)
    return path


@pytest.mark.usefixtures("store")
def test_waiting_cases_are_listed(run: Run) -> None:
    """There is one line per case that waits, within 80 columns, and all of it as JSON."""
    done = run("case", "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[1] for line in done.stdout.splitlines()[1:4]] == ["ring-1", "bob", "ann"]
    assert max(map(len, done.stdout.splitlines())) <= 80
    rows = json.loads(run("case", "list", "--json").stdout)
    assert [(row["subject"], row["state"]) for row in rows] == [
        ("ring-1", "open"), ("bob", "open"), ("ann", "open"),
    ]  # fmt: skip
    assert rows[0]["opened"] == "2026-03-02T00:00:00Z"


def test_the_list_shows_when_an_appeal_is_due(run: Run, store: Path) -> None:
    """The first open appeal of a case counts, and an overdue one has another word."""
    run("case", "decide", "ring-1", "--action", "suspend", "--reason", "x", "--author", "ana")
    for account in ("a", "b"):
        run("case", "appeal", "ring-1", "--account", account, "--statement", "no", "--author", "bo")
    first, second = moment(3), moment(400_000)
    for due, said in ((first, "late 03-05"), (second, f"due {at(400_000):%y-%m-%d}")):
        with open_store(store) as opened, opened.writing() as connection:
            connection.execute(text(f"UPDATE appeals SET due = {second}"))
            connection.execute(text(f"UPDATE appeals SET due = {due} WHERE id = 1"))
        shown = run("case", "list").stdout
        assert said in " ".join(shown.split()).replace("26-03-05", "03-05")
        assert "due: day by which an appeal must be answered" in shown
        assert max(map(len, shown.splitlines())) <= 80
    rows = json.loads(run("case", "list", "--json").stdout)
    assert [row["due"] for row in rows if row["state"] != "appealed"] == [None, None]
    assert [row["due"][:5] for row in rows if row["state"] == "appealed"] == [f"{at(400_000):%Y}-"]


@pytest.mark.usefixtures("store")
def test_a_case_is_decided_appealed_and_overturned(run: Run) -> None:
    """The whole way of a case: the account holder gets a decision, contests it, and is right."""
    run("case", "decide", "ann", "--action", "suspend", "--reason", "fast", "--author", "ana")
    run("case", "appeal", "ann", "--statement", "It was my class", "--author", "bo")
    refused = run(
        "case", "answer", "ann", "--uphold", "--answer", "No", "--author", "ana", "--version", "3"
    )
    assert refused.returncode == 2
    assert "ana made the decision and cannot answer the appeal" in refused.stderr
    run(
        "case",
        "answer",
        "ann",
        "--overturn",
        "--answer",
        "You are right",
        "--author",
        "bo",
        "--version",
        "3",
    )
    case = json.loads(run("case", "show", "ann", "--json").stdout)
    (decision,) = case["decisions"]
    (appeal,) = decision["appeals"]
    assert (case["state"], decision["ground"], decision["shadow"]) == ("closed", "Terms 5.2", False)
    assert (appeal["outcome"], appeal["answered_by"]) == ("overturned", "bo")
    assert decision["end_reason"].startswith("appeal ")
    shown = run("case", "show", "1").stdout
    assert "appeal of " in shown
    assert "You are right" in shown


@pytest.mark.parametrize(
    "words", ["case list", "audit verify", "outbox deliver", "grant list", "case show 1"]
)
def test_a_store_that_is_missing_is_not_made(run: Run, tmp_path: Path, words: str) -> None:
    """An empty store in the wrong folder would look whole, and deliver that nobody is held."""
    done = run(*words.split(), "--cases", "gone.sqlite")
    assert done.returncode == 2
    assert done.stderr.startswith("ringfence: gone.sqlite: there is no case store")
    assert not (tmp_path / "gone.sqlite").exists()


@pytest.mark.usefixtures("store")
def test_a_case_is_dismissed_and_reopened(run: Run) -> None:
    """A dismissed case no longer waits."""
    run("case", "dismiss", "bob", "--reason", "a librarian")
    assert "bob" not in run("case", "list").stdout
    assert "bob" in run("case", "list", "--all").stdout
    words = ("case", "reopen", "bob", "--reason", "not a librarian")
    assert "has changed since it was opened (look at it" in run(*words).stderr
    assert run(*words, "--version", "2").returncode == 0
    assert "bob" in run("case", "list").stdout


@pytest.mark.usefixtures("store")
def test_the_list_marks_decisions_in_shadow_mode(run: Run, tmp_path: Path) -> None:
    """A decided case without an effect looks otherwise than one with it."""
    words = ("--action", "suspend", "--reason", "x", "--author", "ana")
    run("case", "decide", "bob", *words)
    (tmp_path / "ringfence.toml").write_text(ENFORCE.replace("enforce", "shadow"))
    run("case", "decide", "ann", *words)
    shown = run("case", "list", "--all").stdout
    assert "*: in shadow mode, without effect." in shown
    states = {line.split()[1]: line.split()[3] for line in shown.splitlines()[1:3]}
    assert states == {"ann": "decided*", "bob": "decided"}
    listed = json.loads(run("case", "list", "--all", "--json").stdout)
    assert {one["subject"]: one["shadow"] for one in listed[:2]} == {"ann": True, "bob": False}


@pytest.mark.usefixtures("store")
def test_a_decision_in_force_needs_its_version(run: Run) -> None:
    """The second reviewer is told what the first has decided."""
    run("case", "decide", "1", "--action", "suspend", "--reason", "x", "--author", "ana")
    words = ("case", "decide", "1", "--action", "throttle", "--reason", "y", "--author", "bo")
    refused = run(*words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "ana has already decided to suspend" in refused.stderr
    assert "at version 2 now, not 1" in run(*words, "--version", "1").stderr
    assert run(*words, "--version", "2").returncode == 0
    words = ("case", "reinstate", "1", "--reason", "a mistake")
    assert "bo has already decided to throttle" in run(*words).stderr
    assert "at version 3 now, not 2" in run(*words, "--version", "2").stderr
    assert run(*words, "--version", "3").returncode == 0


def test_what_a_scan_has_changed_needs_the_version(run: Run, store: Path) -> None:
    """A ring with other members is dismissed, decided or answered only by its version."""
    with open_store(store) as opened, opened.writing() as connection:
        record(connection, [ring("a", "b", "x")], moment(1))
    for words in (
        ("dismiss", "ring-1", "--reason", "x"),
        ("decide", "ring-1", "--action", "suspend", "--reason", "x"),
        ("answer", "ring-1", "--uphold", "--answer", "x"),
    ):
        done = run("case", *words)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "case 3: has changed since it was opened" in done.stderr
    assert run("case", "dismiss", "ring-1", "--reason", "x", "--version", "2").returncode == 0


def test_the_audit_has_the_login_beside_the_author(run: Run, store: Path) -> None:
    """A person can type any author, and set any variable; the login is that of the process."""
    run("case", "dismiss", "bob", "--reason", "x", "--author", "somebody else")
    with open_store(store) as opened, opened.reading() as connection:
        query = "SELECT content FROM audit WHERE event = 'case dismissed'"
        content = json.loads(connection.execute(text(query)).scalar_one())
    assert (content["author"], content["login"]) == (
        "somebody else", pwd.getpwuid(os.getuid()).pw_name,
    )  # fmt: skip
    run("case", "decide", "ann", "--action", "suspend", "--reason", "x", "--author", "ana")
    run("case", "reinstate", "ann", "--reason", "x", "--version", "2")
    assert run("audit", "verify").returncode == 0


@pytest.mark.usefixtures("store")
def test_a_ring_is_named_by_its_members(run: Run) -> None:
    """A member leads to the case of its ring, if it has no case of its own."""
    assert "ring ring-1" in run("case", "show", "b").stdout
    assert "accounts: a, b, c" in run("case", "show", "ring-1").stdout


def test_a_number_that_is_an_account_changes_nothing(run: Run, store: Path) -> None:
    """The account named 1 and case 1 are different; each command that changes a case asks which."""
    with open_store(store) as opened, opened.writing() as connection:
        record(connection, [finding("1")], moment(1))
    for command in ("decide", "dismiss", "reopen", "reinstate", "appeal", "answer"):
        words = {
            "decide": ("--action", "suspend", "--reason", "x"),
            "appeal": ("--statement", "x"),
            "answer": ("--uphold", "--answer", "x"),
        }.get(command, ("--reason", "x"))
        done = run("case", command, "1", *words)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "give case:1 for the number, case:4 for the account" in done.stderr
    assert {row["version"] for row in json.loads(run("case", "list", "--json").stdout)} == {1}
    run("case", "dismiss", "case:4", "--reason", "x")
    assert "case 4: account 1" in run("case", "show", "case:4").stdout


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("case", "show", "eve"), "eve: there is no such case"),
        (("case", "show", "99"), "99: there is no such case"),
        (("case", "decide", "1", "--action", "ban", "--reason", "x"), "ban is not an action"),
        (("case", "decide", "1", "--action", "suspend"), "a decision needs a reason"),
        (("case", "dismiss", "b", "--reason", "x"), "give case:3 and --account b, or case:3"),
        (("case", "answer", "1", "--answer", "no"), "the outcome is missing"),
        (("case", "reinstate", "1", "--reason", "x"), "case 1: is open: reinstate is not possible"),
        (("case", "dismiss", "1", "--reason", "x", "--author", "policy"), "no person is named"),
        (("case", "list", "--cases", "redis://x"), "cannot be in redis"),
        (("grant", "add", "eve", "--until", "soon"), "--until: soon is not a date"),
        (("grant", "add", "eve", "--until", "2099-01-01"), "a grant needs: reason"),
        (("grant", "end", "9", "--reason", "x"), "grant 9: there is no such grant"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    """The status is 2, and the line says what is wrong."""
    done = run(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_store_a_command_says_how_to_name_one(run: Run) -> None:
    """No store is made by looking at it."""
    done = run("case", "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert "set cases.url in ringfence.toml" in done.stderr


@pytest.mark.usefixtures("store")
def test_a_grant_is_added_listed_and_ended(run: Run) -> None:
    """The list shows the dates as days; a grant that has ended says so."""
    run(
        "grant", "add", "bob", "--from", "2026-01-01", "--until", "2099-12-31", "--budget", "5000",
        "--reason", "mining", "--contact", "lib@example.org", "--groups", "nature-*",
    )  # fmt: skip
    (granted,) = json.loads(run("grant", "list", "--json").stdout)
    assert (granted["start"], granted["until"]) == ("2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
    assert granted["scope"]["groups"] == ["nature-*"]
    assert "2026-01-01 2099-12-31  5,000 mining" in run("grant", "list").stdout
    assert json.loads(run("case", "show", "bob", "--json").stdout)["state"] == "allowed"
    assert "(ended)" in run("grant", "end", "1", "--reason", "over").stdout


def test_the_audit_is_verified(run: Run, store: Path) -> None:
    """A whole audit ends with status 0; an altered one with status 1 and the row."""
    kept = run("audit", "head").stdout.split()[1]
    run("case", "dismiss", "1", "--reason", "a librarian")
    done = run("audit", "verify", "--head", kept)
    assert (done.returncode, done.stdout[:23]) == (0, "The audit log is intact")
    with open_store(store) as opened, opened.writing() as connection:
        connection.execute(text("UPDATE audit SET content = '{}' WHERE number = 2"))
    done = run("audit", "verify")
    assert done.returncode == 1
    assert "the content of row 2 was altered" in done.stdout
    assert "NOT intact" in done.stdout
    assert json.loads(run("audit", "verify", "--json").stdout)["faults"]


def test_hostile_names_do_nothing_on_the_terminal(run: Run, tmp_path: Path) -> None:
    """Control characters and markup of a login, a reason and a statement are shown, not obeyed."""
    name = "a\x1b[2Jb[red]"
    with open_store(tmp_path / "cases.sqlite") as opened, opened.writing() as connection:
        record(connection, [finding(name, last=at(1))], moment(1))
    (tmp_path / "ringfence.toml").write_text(ENFORCE)
    run("case", "decide", "1", "--action", "suspend", "--reason", "\x1b[31m[red]", "--author", "é")
    run("case", "appeal", "1", "--statement", "\x07no\u202e")
    for words in (("case", "list", "--all"), ("case", "show", "1")):
        shown = run(*words).stdout
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)
        assert "[red]" in shown


@pytest.mark.usefixtures("store")
def test_one_account_of_a_ring_appeals_and_another_is_released(run: Run) -> None:
    """The page of the case shows who appealed, who was released, and by whom."""
    run("case", "decide", "3", "--action", "suspend", "--reason", "together", "--author", "ana")
    appeal = ("case", "appeal", "3", "--statement", "Not me", "--author", "bo")
    refused = run(*appeal)
    assert refused.returncode == 2
    assert "one of them must be named (give --account)" in refused.stderr
    for account in ("a", "b"):
        assert "must be answered by" in run(*appeal, "--account", account).stdout
    version = str(json.loads(run("case", "show", "3", "--json").stdout)["version"])
    answer = (
        "case", "answer", "3", "--overturn", "--answer", "Right", "--author", "bo",
        "--version", version,
    )  # fmt: skip
    assert "2 appeals are open (give --account)" in run(*answer).stderr
    shown = run(*answer, "--account", "b").stdout
    assert "appealed, version 5" in shown
    assert "appeal by a of " in shown
    assert "b released on " in shown
    released = run(
        "case", "release", "3", "--account", "c", "--reason", "a class", "--author", "bo",
        "--version", "5",
    )  # fmt: skip
    assert (released.returncode, released.stderr) == (0, "")
    assert "by bo: a class" in released.stdout
    (decision,) = json.loads(run("case", "show", "3", "--json").stdout)["decisions"]
    assert [one["account"] for one in decision["releases"]] == ["b", "c"]
    assert decision["ended"] is None
    grant = ("grant", "add", "a", "--until", "2099-01-01", "--reason", "r", "--contact", "c")
    said = run(*grant).stderr
    assert "case 3: decision 1 applies to a (end it first: ringfence case release case:3 " in said


@pytest.mark.usefixtures("store")
def test_an_end_names_the_other_decision(run: Run, tmp_path: Path) -> None:
    """The command says that an account stays restricted by another case."""
    with open_store(tmp_path / "cases.sqlite") as opened, opened.writing() as connection:
        record(connection, [finding("a")], moment(0))
    for case in ("3", "4"):
        run("case", "decide", case, "--action", "suspend", "--reason", "fast", "--author", "ana")
    end = ("case", "reinstate", "3", "--reason", "mistake", "--author", "bo", "--version", "2")
    done = run(*end)
    assert "a: decision 2 of case 4 applies: suspend" in done.stdout
    assert "applies: suspend" not in run("case", "show", "4").stdout


@pytest.mark.usefixtures("store")
def test_a_letter_without_a_reason_is_said_to_the_reviewer(run: Run, tmp_path: Path) -> None:
    """All words of the reason name another account, so its holder would read none."""
    settings = ENFORCE + '[statements]\nservice = "Library"\ncontact = "help@example.org"\n'
    (tmp_path / "ringfence.toml").write_text(settings)
    run("case", "decide", "ann", "--action", "suspend", "--reason", "As fast as bob.")
    told = run("case", "statement", "ann")
    assert "bob" not in told.stdout
    assert "Sentences were left out of the letter" in told.stderr
    words = ("--action", "suspend", "--reason", "Too fast.", "--version", "2")
    run("case", "decide", "ann", *words)
    told = run("case", "statement", "ann")
    assert ("Too fast." in told.stdout, told.stderr) == (True, "")


@pytest.mark.usefixtures("store")
def test_a_decision_without_an_end_says_so(run: Run) -> None:
    """With a number of days, the end is shown instead."""
    words = ("--action", "suspend", "--reason", "x", "--author", "ana")
    run("case", "decide", "ann", *words)
    run("case", "decide", "bob", *words, "--days", "30")
    assert ", without an end" in run("case", "show", "ann").stdout
    shown = run("case", "show", "bob").stdout
    assert ", until " in shown
    assert "without an end" not in shown
