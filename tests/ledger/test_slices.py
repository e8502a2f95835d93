"""The ledger's contract: however a log is cut, the ledger is that of the whole log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.sample import SETTINGS, Click, fold_all, folded_tables, tables, write

from ringfence.events import Source
from ringfence.ledger import open_writable

EXAMPLES = settings(max_examples=10, deadline=None, derandomize=True)
BEGIN = 1_700_000_000
DOUBLE_CLICK = 30


def clicks_of(moments: st.SearchStrategy[int]) -> st.SearchStrategy[Click]:
    """Build clicks of few accounts on few items, so that most are returns."""
    return st.builds(
        Click,
        moment=moments,
        account=st.sampled_from(["ada", "bob", "=cmd()", "zoë"]),
        item=st.sampled_from(["a/1", "b 2", "<i>"]),
        group=st.sampled_from([None, "g1", "g2"]),
        ip=st.sampled_from([None, "10.1.2.3", "10.1.2.9", "2001:db8:1::1"]),
        client=st.sampled_from([None, "one", "two"]),
        seconds=st.sampled_from([None, 0.1, 0.7, 200]),
        surface=st.sampled_from([None, "stream", "download"]),
        device=st.sampled_from([None, "phone 1", "tv"]),
        payment=st.sampled_from([None, "token a", "token b"]),
        signed_up=st.sampled_from([None, "2023-01-02", "2023-01-01T05:00:00Z", "soon"]),
    )


# Steps around the double-click time and the turn of an hour, ties among them.
STEPS = st.sampled_from([0, 0, 1, 29, 30, 31, 61, 1800, 86_400])


@st.composite
def logs(draw: st.DrawFn) -> list[Click]:
    """Draw a log in time order whose clicks often lie about a double click apart."""
    steps = draw(st.lists(STEPS, min_size=2, max_size=30))
    start = BEGIN + draw(st.integers(0, 3600))
    moments = [start + sum(steps[:n]) for n in range(len(steps))]
    return [draw(clicks_of(st.just(moment))) for moment in moments]


@st.composite
def cut_logs(draw: st.DrawFn) -> list[list[Click]]:
    """Draw a log and cut it into up to five slices, empty ones among them."""
    log = draw(logs())
    cuts = sorted(draw(st.lists(st.integers(0, len(log)), min_size=1, max_size=4)))
    return [log[i:j] for i, j in zip([0, *cuts], [*cuts, len(log)], strict=True)]


def in_files(slices: Sequence[Sequence[Click]], folder: Path, suffix: str) -> list[Source]:
    """Write each slice to a file of its own; equal slices keep their number in the name."""
    return [write(part, folder / f"{number}{suffix}") for number, part in enumerate(slices) if part]


@pytest.mark.slow
@EXAMPLES
@given(slices=cut_logs(), suffix=st.sampled_from([".csv", ".ndjson"]))
def test_slices_in_time_order_make_the_ledger_of_one_scan(
    slices: list[list[Click]], suffix: str
) -> None:
    """Cut anywhere, ties and double clicks included, the tables are exactly those of one file."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        whole = write([click for part in slices for click in part], folder / f"whole{suffix}")
        assert folded_tables(in_files(slices, folder, suffix)) == folded_tables([whole])


@pytest.mark.slow
@EXAMPLES
@given(log=logs())
def test_slices_by_account_make_the_ledger_of_one_scan(log: list[Click]) -> None:
    """A file for each account, or for one, and two halves of the others: one file's tables."""
    names = sorted({click.account for click in log})
    by_account = [[click for click in log if click.account == name] for name in names]
    others = [click for click in log if click.account != names[0]]
    half = len(others) // 2
    with TemporaryDirectory() as name:
        folder = Path(name)
        whole = folded_tables([write(log, folder / "whole.csv")])
        assert folded_tables(in_files(by_account, folder, ".csv")) == whole
        mixed = [by_account[0], others[:half], others[half:]]
        assert folded_tables(in_files(mixed, folder, ".csv")) == whole


@pytest.mark.slow
@EXAMPLES
@given(slices=cut_logs())
def test_merging_after_every_slice_is_merging_at_the_end(slices: list[list[Click]]) -> None:
    """A ledger that is compacted day by day holds what one compacted once holds."""
    with TemporaryDirectory() as name:
        sources = in_files(slices, Path(name), ".csv")
        daily = open_writable(None, SETTINGS)
        for source in sources:
            fold_all(daily, [source])
        assert tables(daily) == folded_tables(sources)
        daily.engine.close()


@pytest.mark.slow
@EXAMPLES
@given(slices=cut_logs(), seed=st.randoms(use_true_random=False))
def test_slices_out_of_order_differ_by_seam_double_clicks_only(
    slices: list[list[Click]], seed: object
) -> None:
    """Out of order the holdings are the same, and uses differ by the double clicks at the seams."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        log = [click for part in slices for click in part]
        whole = folded_tables([write(log, folder / "whole.csv")])
        sources = in_files(slices, folder, ".csv")
        seed.shuffle(sources)  # type: ignore[attr-defined]
        mixed = folded_tables(sources)
    assert [row[:5] for row in mixed["holdings"]] == [row[:5] for row in whole["holdings"]]
    extra = sum(row[5] for row in mixed["holdings"]) - sum(row[5] for row in whole["holdings"])
    assert 0 <= extra <= seam_double_clicks(slices)


def seam_double_clicks(slices: Sequence[Sequence[Click]]) -> int:
    """Count the clicks that begin their slice within a double click of one in another slice."""
    number = 0
    for part in slices:
        firsts: dict[tuple[str, str], int] = {}
        for click in part:
            firsts.setdefault((click.account, click.item), click.moment)
        number += sum(
            any(
                (other.account, other.item) == key and abs(other.moment - first) <= DOUBLE_CLICK
                for rest in slices
                if rest is not part
                for other in rest
            )
            for key, first in firsts.items()
        )
    return number


@pytest.mark.slow
def test_uses_are_what_a_count_by_hand_gives(tmp_path: Path) -> None:
    """Clicks 30 s apart chain into one use however long; 31 s apart they are two uses."""
    log = [Click(BEGIN + at, "ada", "a") for at in (0, 30, 60, 91, 91, 121, 152)]
    for cut in range(1, len(log)):
        slices = in_files([log[:cut], log[cut:]], tmp_path, ".csv")
        (row,) = folded_tables(slices)["holdings"]
        assert row[3:] == (BEGIN, BEGIN + 152, 3), f"cut before click {cut}"


@pytest.mark.slow
def test_items_whose_group_changes_get_one_group_however_cut(tmp_path: Path) -> None:
    """An item logged under several groups has the same one in every slicing."""
    log = [Click(BEGIN + n, "ada", "a", f"g{n % 7}") for n in range(40)]
    whole = folded_tables(in_files([log], tmp_path, ".csv"))
    for cut in range(1, 40, 3):
        cut_up = folded_tables(in_files([log[:cut], log[cut:]], tmp_path, ".csv"))
        assert (cut_up["items"], cut_up["holdings"]) == (whole["items"], whole["holdings"])


@pytest.mark.slow
def test_seconds_add_up_to_the_same_number_however_cut(tmp_path: Path) -> None:
    """Seconds with decimals have one sum, whatever the order they are added in."""
    log = [Click(BEGIN + n, "ada", f"i{n}", seconds=(n % 9 + 1) / 10) for n in range(40)]
    whole = folded_tables(in_files([log], tmp_path, ".csv"))["hours"]
    for cut in range(1, 40, 3):
        assert folded_tables(in_files([log[:cut], log[cut:]], tmp_path, ".csv"))["hours"] == whole


def test_a_seam_takes_the_use_from_the_later_hour(tmp_path: Path) -> None:
    """A double click across a cut and the turn of an hour leaves the use where it began."""
    turn = BEGIN - BEGIN % 3600 + 3600
    log = [Click(turn - 10, "ada", "a"), Click(turn + 5, "ada", "a")]
    hours = folded_tables(in_files([log[:1], log[1:]], tmp_path, ".csv"))["hours"]
    assert [(row[1], row[2], row[3]) for row in hours] == [
        (turn // 3600 - 1, 1, 1 << 59),
        (turn // 3600, 0, 1),
    ]


def test_counts_are_those_of_the_log(tmp_path: Path) -> None:
    """Clients, networks and surfaces count every event, double clicks too."""
    log = [
        Click(BEGIN, "ada", "a", None, "10.1.2.3", "one", 1, "stream"),
        Click(BEGIN + 1, "ada", "a", None, "10.1.2.77", "one", 2, "stream"),
        Click(BEGIN + 2, "bob", "a", None, "2001:db8:1::1", None, 4, None),
    ]
    got = folded_tables(in_files([log[:1], log[1:]], tmp_path, ".ndjson"))
    assert Counter({row[1]: row[2] for row in got["networks"]}) == {"10.1.2": 2, "2001:db8:1": 1}
    assert [row[1:] for row in got["clients"]] == [("one", 2)]
    assert [row[1:] for row in got["surfaces"]] == [("stream", 2)]
    assert sorted(row[4] for row in got["hours"]) == [3.0, 4.0]


@pytest.mark.parametrize("double_click", [0, 3600])
def test_the_double_click_time_is_a_setting(tmp_path: Path, double_click: int) -> None:
    """With 0 s only clicks of one second are one use; with an hour, all of an hour."""
    uses = SETTINGS.uses.model_copy(update={"double_click_seconds": double_click})
    chosen = SETTINGS.model_copy(update={"uses": uses})
    log = [Click(BEGIN + at, "ada", "a") for at in (0, 0, 1, 40, 3000)]
    (row,) = folded_tables(in_files([log[:2], log[2:]], tmp_path, ".csv"), chosen)["holdings"]
    assert row[5] == (4 if double_click == 0 else 1)


def test_what_accounts_carry_is_counted_and_the_first_sign_up_counts(tmp_path: Path) -> None:
    """Devices and means of payment count every event; of several sign-ups the earliest is kept."""
    log = [
        Click(BEGIN, "ada", "a", device="d1", payment="p1", signed_up="2023-05-02T00:00:00Z"),
        Click(BEGIN + 1, "ada", "b", device="d1", payment="p2", signed_up="2023-05-01T00:00:00Z"),
        Click(BEGIN + 2, "ada", "c", device="d2", signed_up="1970-01-01T00:00:00Z"),
        Click(BEGIN + 3, "bob", "c", payment="p1", signed_up="2999-01-01"),
    ]
    for slices in ([log], [log[:1], log[1:]]):
        got = folded_tables(in_files(slices, tmp_path, ".ndjson"))
        assert sorted(row[1:] for row in got["devices"]) == [("d1", 2), ("d2", 1)]
        assert [row[1] for row in got["signups"]] == [1_682_899_200]
        p1, p2 = (sha256(token).hexdigest()[:16] for token in (b"p1", b"p2"))
        assert sorted(row[1:] for row in got["payments"]) == sorted([(p1, 1), (p1, 1), (p2, 1)])


def test_no_token_of_payment_reaches_the_ledger(tmp_path: Path) -> None:
    """The file of a ledger holds the hash of a means of payment and nothing of its token."""
    card = "a-card-that-nobody-else-has"
    book = tmp_path / "book"
    ledger = open_writable(book, SETTINGS)
    fold_all(ledger, [write([Click(BEGIN, "ada", "a", payment=card)], tmp_path / "log.csv")])
    ledger.engine.close()
    assert sha256(card.encode()).hexdigest()[:16].encode() in book.read_bytes()
    assert card.encode() not in book.read_bytes()


def test_lines_the_fast_user_rejects_carry_as_much(tmp_path: Path) -> None:
    """A line that the tolerant path recovers has its device and sign-up, too."""
    log = [Click(BEGIN + n, "ada", f"i{n}", device=f"d{n}", signed_up="2023-01-01") for n in (0, 1)]
    source = write(log, tmp_path / "log.csv")
    data = source.path.read_bytes()
    source.path.write_bytes(data.replace(b"i1", b"i\xff1"))
    got = folded_tables([source])
    assert {row[1] for row in got["devices"]} == {"d0", "d1"}
    assert len(got["holdings"]) == 2
    assert [row[1] for row in got["signups"]] == [1_672_531_200]


def test_what_was_not_carried_is_not_said_to_be(tmp_path: Path) -> None:
    """Tables of columns that no source had stay empty, and the columns are not seen."""
    path = tmp_path / "plain.csv"
    path.write_text("ts,user,track\n2026-01-01T00:00:00Z,ada,a\n")
    ledger = open_writable(None, SETTINGS)
    fold_all(ledger, [Source(path, path.name)])
    assert not ledger.seen("column") & {"device", "payment", "signed_up"}
    assert [tables(ledger)[name] for name in ("devices", "payments", "signups")] == [[], [], []]
    fold_all(ledger, [write([Click(BEGIN, "ada", "a", device="d")], tmp_path / "more.csv")])
    assert {"device", "payment", "signed_up"} <= ledger.seen("column")
    assert len(tables(ledger)["devices"]) == 1
    ledger.engine.close()
