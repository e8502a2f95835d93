"""Questions are answered one by one, beside the service, to the person who asked."""

from __future__ import annotations

import errno
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.service.questions.live_ledger import (
    LOG,
    ended,
    held_ledger,
    settings_of,
    wait_for,
)

from ringfence.errors import LedgerError
from ringfence.events.globbing import matching_names
from ringfence.service.files import ServiceFolder, fold_turn
from ringfence.service.questions import (
    Question,
    QuestionDesk,
    RefusedQuestionError,
    answer_process,
    answering,
)
from ringfence.service.questions.ledger_copy import COPY_PREFIX, copied_ledger
from ringfence.service.questions.trace_answer import trace_logs


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """Return the folder of a service without a ledger."""
    found = ServiceFolder(tmp_path / "live")
    found.create()
    return found


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log of three accesses."""
    path = tmp_path / "access.log"
    path.write_text(LOG)
    return path


@pytest.fixture
def desk(folder: ServiceFolder, log: Path) -> Iterator[QuestionDesk]:
    """Return a desk whose traces search the log."""
    found = QuestionDesk(folder, settings_of(trace_logs=[str(log)]))
    yield found
    found.close()


def trace(desk: QuestionDesk, asker: str = "Mia", **task: str) -> Question:
    """Ask whom a complaint is about."""
    asked = {"item": "101", **task}
    return desk.ask("trace", asker, asked, asked)


@pytest.mark.slow
def test_a_trace_finds_what_the_ledger_and_the_logs_know(
    folder: ServiceFolder, log: Path, desk: QuestionDesk
) -> None:
    """The judge has the ledger open meanwhile. Only the asker has the answer. No copy is left."""
    with held_ledger(folder, [log]):
        found = trace(desk, address="192.0.2.11")
        with pytest.raises(RefusedQuestionError, match="not answered yet"):
            trace(desk)
        assert not desk.stop(found.number, "Leo")
        ended(found)
    assert (found.state, found.error) == ("answered", "")
    assert (desk.find(found.number, "Leo"), desk.last("trace", "Leo")) == (None, None)
    assert desk.find(found.number, "Mia") is desk.last("trace", "Mia") is found
    answer = found.answer
    ann = answer["candidates"][0]
    assert (ann["account"], ann["certainty"], ann["holding"]["uses"]) == ("ann", "seen", 1)
    assert {one["origin"] for one in answer["searched"]} == {"logs", "ledger"}
    assert "ann" not in answer["complainant"]
    name, letter = answer["holders"][0]
    assert name == "ann"
    assert "bob" not in letter
    assert not list(folder.root.glob(f"{COPY_PREFIX}*"))


@pytest.mark.slow
def test_an_answer_that_nobody_can_read_does_not_stop_the_next_one(
    desk: QuestionDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library of the process that answers may print anything."""
    with monkeypatch.context() as patch:
        patch.setattr(answer_process, "_MODULE", "this")
        failed = ended(trace(desk))
    assert (failed.state, failed.error) == ("failed", "the answer cannot be read: JSONDecodeError")
    assert ended(trace(desk, address="not an address")).state == "failed"


@pytest.mark.slow
def test_a_question_that_cannot_be_answered_says_why(
    folder: ServiceFolder, desk: QuestionDesk
) -> None:
    """Wrong input and a missing ledger are one line each."""
    wrong = ended(trace(desk, address="not an address"))
    assert (wrong.state, bool(wrong.error)) == ("failed", True)
    nothing = ended(desk.ask("replay", "Mia", {}, {"days": 1}))
    assert nothing.state == "failed"
    assert "begins with the first events" in nothing.error
    assert not folder.ledger.exists()


def test_few_questions_wait(folder: ServiceFolder, log: Path) -> None:
    """One is answered at a time; the sixth that would wait is refused."""
    desk = QuestionDesk(folder, settings_of(trace_logs=[str(log)]))
    with fold_turn(folder) as mine:
        assert mine
        asked = [trace(desk, f"person {number}") for number in range(6)]
        with pytest.raises(RefusedQuestionError, match="too many"):
            trace(desk, "one more")
        wait_for(lambda: asked[0].state == "running")
        assert [one.state for one in asked[1:]] == ["waiting"] * 5
    desk.close()
    assert not any(one.is_open for one in asked)


def test_a_question_is_given_up_or_stopped(folder: ServiceFolder, log: Path) -> None:
    """Its process is ended at once, although it waits for a fold."""
    settings = settings_of(trace_logs=[str(log)])
    short, usual = QuestionDesk(folder, settings, longest=1.0), QuestionDesk(folder, settings)
    with fold_turn(folder):
        late, unwanted = trace(short), trace(usual)
        wait_for(lambda: unwanted.state == "running")
        assert usual.stop(unwanted.number, "Mia")
        assert unwanted.state == "stopped"
        assert "within" in ended(late).error
    for desk in (short, usual):
        desk.close()


def test_old_answers_are_forgotten(folder: ServiceFolder) -> None:
    """After an hour, nothing of an answer is in memory."""
    moment = [1_000.0]
    desk = QuestionDesk(folder, settings_of(), clock=lambda: moment[0])
    found = trace(desk)
    assert desk.stop(found.number, "Mia")
    moment[0] += 3_599
    assert desk.find(found.number, "Mia") is found
    moment[0] += 2
    assert desk.find(found.number, "Mia") is None
    desk.close()


@pytest.mark.slow
def test_followed_logs_are_searched_with_their_rotated_files(
    folder: ServiceFolder, log: Path
) -> None:
    """Without a setting of its own, a trace reads what the service follows."""
    log.rename(log.with_name("access.log.1"))
    log.write_text(LOG.replace("ann", "ida").splitlines(keepends=True)[0])
    desk = QuestionDesk(folder, settings_of(files=[{"path": str(log)}]))
    found = ended(trace(desk, address="192.0.2.11"))
    desk.close()
    assert {one["account"] for one in found.answer["candidates"]} == {"ann", "ida"}


@pytest.mark.parametrize(
    "pattern", ["access.log", "access.log*", "acc*", "access.lo?", "access.lo[g]", "**", "."]
)
def test_each_form_of_a_followed_path_is_searched(tmp_path: Path, log: Path, pattern: str) -> None:
    """A file, a folder, and each kind of pattern name the log; two stars are not an error."""
    settings = settings_of(files=[{"path": str(log.parent / pattern)}])
    found = [path for one in trace_logs(settings) for path in (Path(one), *matching_names(one))]
    assert {log, tmp_path} & set(found)
    settings = settings_of(files=[{"path": str(tmp_path / "missing*" / "a.log*")}])
    assert not list(trace_logs(settings))


def test_a_followed_file_may_have_the_signs_of_patterns_in_its_name(tmp_path: Path) -> None:
    """Such a file is found under its own name, and its rotated files beside it."""
    strange = tmp_path / "a[1].log"
    strange.write_text(LOG)
    (tmp_path / "a[1].log.1").write_text(LOG)
    (pattern,) = trace_logs(settings_of(files=[{"path": str(strange)}]))
    assert {path.name for path in matching_names(pattern)} == {"a[1].log", "a[1].log.1"}


def test_a_failure_of_the_work_is_not_one_of_the_copy(folder: ServiceFolder) -> None:
    """If the disk of a log fails while a copy of the ledger is read, the copy is not to blame."""
    broken = OSError(errno.EIO, "Input/output error", "/logs/access.log")
    with pytest.raises(OSError, match=r"Input/output error: '/logs"), copied_ledger(folder, 0):
        raise broken
    shutil.rmtree(folder.root)
    with pytest.raises(LedgerError, match="cannot be copied: No such file"):
        copied_ledger(folder, 0).__enter__()


def test_a_full_disk_is_told_by_its_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The person who asked learns which file failed and what to do, and need not report it."""
    said = failed_answer(OSError(errno.ENOSPC, "No space left", "/var/x"), monkeypatch, capsys)
    assert said == "/var/x: No space left (free some space there)"


def test_an_error_of_the_program_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The person who asked sees the error and its place, without a traceback."""
    said = failed_answer(ValueError("one\ntwo"), monkeypatch, capsys)
    assert "ValueError: one" in said
    assert "test_question_desk.py line" in said
    assert "\n" not in said


def failed_answer(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """Return what the person who asked is told when the work raises an error."""

    def failing(*_: object) -> dict[str, object]:
        raise error

    monkeypatch.setattr(answering, "answer_trace", failing)
    monkeypatch.setattr(answering, "end_with_parent", lambda: None)
    monkeypatch.setattr(answering.os, "nice", lambda _: 0)
    told = {"root": ".", "settings": {}, "kind": "trace", "task": {}}
    stdin = io.TextIOWrapper(io.BytesIO(json.dumps(told).encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    answering.answer_question()
    out, err = capsys.readouterr()
    (line,) = out.splitlines()
    assert not err
    return str(json.loads(line)["error"])
