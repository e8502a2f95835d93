"""Pseudonyms in SQL: the same as in Python, for every source, and without the key in any text."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from tests.test_pseudonym_key import SECRET, key_file

from ringfence import Settings
from ringfence.engine import open_engine, registered
from ringfence.errors import EngineError
from ringfence.events import Quarantine, Source, open_source
from ringfence.events.pseudonyms import load_key, pseudonym_sql
from ringfence.pseudonym_key import PseudonymKey

NAMES = (
    "ada",
    "Zoë O'Brien",
    'a "quoted" name',
    "tab\tname",
    "日本語",
    "x" * 300,
    "key-1a2b3c4d5e6f",
)
KEY = PseudonymKey(SECRET)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with a key."""
    path = key_file(tmp_path / "key")
    return Settings(engine={"threads": 1}, privacy={"pseudonym_key": path})


def accounts(source: Path, settings: Settings) -> list[tuple[str, bool]]:
    """Return the accounts of a source in order, and whether each is a visitor."""
    with open_engine(settings.engine) as engine:
        engine.keep_order()
        open_source(engine, Source(source, source.name), settings, Quarantine(engine.scratch))
        return engine.rows("SELECT account, visitor FROM events")


def test_sql_and_python_agree(settings: Settings) -> None:
    """Names of every length and script have one pseudonym, and no name has none."""
    with open_engine(settings.engine) as engine:
        load_key(engine, settings)
        query = f"SELECT {pseudonym_sql('account', 'name')} FROM (SELECT unnest($n) AS name)"
        found = [row[0] for row in engine.rows(query, {"n": [*NAMES, None]})]
    assert found == [*map(KEY.pseudonym, NAMES), None]


def test_one_account_has_one_pseudonym_in_every_format(tmp_path: Path, settings: Settings) -> None:
    """CSV, JSON lines and a server's log name the same account alike."""
    moment = "2026-03-09T08:00:00Z"
    (tmp_path / "a.csv").write_text(f"ts,account,item\n{moment},ada,1\n")
    (tmp_path / "b.ndjson").write_text(json.dumps({"ts": moment, "account": "ada", "item": "1"}))
    (tmp_path / "c.log").write_text(
        '192.0.2.7 - ada [09/Mar/2026:08:00:00 +0000] "GET /t/1 HTTP/1.1" 200 5 "-" "Firefox"\n'
    )
    for name in ("a.csv", "b.ndjson", "c.log"):
        assert accounts(tmp_path / name, settings) == [(KEY.pseudonym("ada"), False)]


def test_a_visitor_has_the_pseudonym_of_its_address_and_client(
    tmp_path: Path, settings: Settings
) -> None:
    """The name that would stand there without a key is what is replaced, and it stays a visitor."""
    log = tmp_path / "c.log"
    log.write_text(
        '192.0.2.7 - - [09/Mar/2026:08:00:00 +0000] "GET /t/1 HTTP/1.1" 200 5 "-" "Firefox"\n'
    )
    plain = accounts(log, Settings())
    assert plain[0][0].startswith("192.0.2.7 ")
    assert accounts(log, settings) == [(KEY.pseudonym(plain[0][0]), True)]


def test_a_login_that_is_the_address_is_still_a_visitor(tmp_path: Path, settings: Settings) -> None:
    """The ledger sees that by the name, which is gone when the ledger gets it."""
    (tmp_path / "a.csv").write_text(
        "ts,account,ip,item\n2026-03-09T08:00:00Z,192.0.2.7,192.0.2.7,1\n"
        "2026-03-09T08:00:00Z,ada,192.0.2.7,1\n2026-03-09T08:00:00Z,bob,,1\n"
    )
    assert [visitor for _, visitor in accounts(tmp_path / "a.csv", settings)] == [
        True, False, False,
    ]  # fmt: skip


def test_devices_and_payments_have_pseudonyms_of_their_own(
    tmp_path: Path, settings: Settings
) -> None:
    """A device named like an account does not get the digits of the account."""
    (tmp_path / "a.csv").write_text(
        "ts,account,item,device,payment\n2026-03-09T08:00:00Z,ada,1,ada,ada\n"
        "2026-03-09T08:00:00Z,bob,1,,\n"
    )
    with open_engine(settings.engine) as engine:
        engine.keep_order()
        source = Source(tmp_path / "a.csv", "a.csv")
        open_source(engine, source, settings, Quarantine(engine.scratch))
        rows = engine.rows("SELECT account, device, payment FROM events")
    derived = hmac.new(SECRET, b"ringfence device", "sha256").digest()
    digest = hmac.new(derived, b"ada", "sha256").hexdigest()
    assert rows[0][1] == f"device-{digest[:20]}"
    assert rows[1][1:] == (None, None)
    assert len({name.partition("-")[2] for name in rows[0]}) == 3
    assert hashlib.sha256(b"ada").hexdigest()[:16] not in rows[0][2]


def test_no_statement_and_no_error_has_the_key(tmp_path: Path, settings: Settings) -> None:
    """The view and the errors of the engine name the table of the key, not the key."""
    (tmp_path / "a.csv").write_text("ts,account,item\n2026-03-09T08:00:00Z,ada,1\n")
    secrets = [SECRET.hex(), *(block.hex() for block in KEY.pads("account"))]
    with open_engine(settings.engine) as engine:
        source = Source(tmp_path / "a.csv", "a.csv")
        open_source(engine, source, settings, Quarantine(engine.scratch))
        texts = [str(row) for row in engine.rows("SELECT sql FROM duckdb_views()")]
        assert any("pseudonym_pads" in text for text in texts)
        with pytest.raises(EngineError) as raised:
            engine.rows("SELECT CAST(account AS INTEGER) FROM events")
    texts += [str(raised.value), *(one.sql for one in registered())]
    assert not [text for text in texts if any(secret in text.lower() for secret in secrets)]


def test_quarantine_keeps_no_text(tmp_path: Path) -> None:
    """The number of a line and its reason stay, also of a line with the name at any place."""
    quarantine = Quarantine(tmp_path, with_text=False)
    quarantine.add(7, "not-a-record", "ada ada ada")
    assert [list(one) for batch in quarantine.batches() for one in batch] == [
        [7, "not-a-record", ""]
    ]
    assert quarantine.counts == {"not-a-record": 1}
