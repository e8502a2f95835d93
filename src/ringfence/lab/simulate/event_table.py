"""A quarter of events as Parquet, of any size, for measuring speed and memory."""

from __future__ import annotations

from pathlib import Path

from ringfence.engine import DuckDBEngine
from ringfence.errors import EngineError, OutputError
from ringfence.lab.simulate.access_log.tracks import ARTIST_EXPONENT, ARTISTS, TRACK_EXPONENT

DAYS = 90
PLAYS_A_DAY = 50
"""Mean plays of an active day."""
UNEVEN = 1 / 6
"""Plays of an active day of the quietest person, as a share of the mean; the keenest has the
inverse of it. Log-logistic between the two."""

_START = "TIMESTAMP '2025-06-02'"


def write_events(path: Path, *, events: int, accounts: int = 200_000, seed: int = 7) -> None:
    """Write events of users over 90 days, in the order of time.

    Columns: ``ts`` (timestamp, UTC), ``account``, ``item``, ``group`` (the artist) and ``seconds``
    played. On every day a share of the accounts is active, each awake for three quarters of it;
    plays of an active day are heavy-tailed, artists and their tracks follow the power laws of the
    access log, and about half of the events return to something the account took before. Rows
    depend on nothing but their number, so that any size is made in bounded memory. There are no
    extractors among them. The same arguments give the same events with the same DuckDB.

    Args:
        path: the file to write; an existing one is replaced.
        events: how many, 1 at least.
        accounts: how many accounts share them, 8 at least. With few events for many accounts,
            not all of them occur.
        seed: of all that is random.

    Raises:
        ValueError: too few events or accounts.
        OutputError: the file cannot be written.
    """
    if events < 1 or accounts < 8:
        raise ValueError("needs at least 1 event and 8 accounts")
    with DuckDBEngine() as engine:
        # Rows come out in the order of their numbers, which is that of time.
        engine.run("SET preserve_insertion_order = true")
        try:
            engine.copy(_select(events, accounts, seed), path)
        except EngineError as error:
            raise OutputError(
                "cannot be written", where=str(path), hint="name a file in a writable folder"
            ) from error


def _select(events: int, accounts: int, seed: int) -> str:
    """The events in steps: when, who, how much they know, which artist, which track."""
    # One account of a team is active on a day: teams as large as makes active days full.
    team = max(1, min(accounts // 8, round(accounts * DAYS * PLAYS_A_DAY / events)))
    quads = accounts // team // 4
    # Whoever occurs at all has a day's plays at least. Some places hold the same famous track.
    expected = 0.9 * max(events / accounts, PLAYS_A_DAY)
    return f"""
WITH moments AS (
    SELECT i, hash(i, {seed}) AS h,
        i * {DAYS} // {events} AS day, i * {DAYS * 24} // {events} AS hour
    FROM range({events}) AS numbers(i)
), volumes AS (
    SELECT *, {_uniform("h", 0, 24)} AS u, u / (u + {UNEVEN} * (1 - u)) AS keen
    FROM moments
), slots AS (
    SELECT *, floor(keen * {quads})::BIGINT AS quad,
        -- Of each four one sleeps, another every six hours; of the rest one listens in an hour.
        quad * 4 + (hour // 6 + 1 + (hash(quad, hour) % 3)::BIGINT) % 4 AS slot
    FROM volumes
), listeners AS (
    SELECT *, slot * {team} + (hash(slot, day) % {team})::BIGINT AS account
    FROM slots
), known AS (
    SELECT *,
        -- As many tracks as make half of the uses returns, four times more or fewer by person.
        {expected} * {UNEVEN} / pow(1 - keen + {UNEVEN} * keen, 2)
            * pow(2, 4 * {_uniform("hash(account)", 0, 24)} - 2) AS tracks,
        floor({_uniform("h", 24, 20)} * greatest(tracks, 4))::BIGINT AS place
    FROM listeners
), artists AS (
    SELECT *, hash(account, place, 1) AS t,
        {_power(_uniform("hash(account, place // 4, 0)", 0, 32), str(ARTISTS), ARTIST_EXPONENT)}
            AS artist,
        floor(1 + 181 * pow(artist + 1, -0.25) * (0.5 + artist * 7919 % 1000 / 1000.0))::BIGINT
            AS size
    FROM known
)
SELECT {_START} + to_seconds(floor(i * {DAYS * 86_400 / events})::BIGINT) AS ts,
    'user-' || account AS account,
    'tr-' || (artist * 48271 % {ARTISTS} * 1000
        + {_power(_uniform("t", 0, 32), "size", TRACK_EXPONENT)}) AS item,
    'ar-' || (artist * 48271 % {ARTISTS}) AS "group",
    CASE WHEN {_uniform("h", 44, 10)} < 0.35 THEN 1 + (h >> 54) % 29 ELSE 120 + (h >> 54) % 180
        END::INTEGER AS seconds
FROM artists"""  # noqa: S608 - all that is put in is numbers of ours


def _uniform(bits: str, shift: int, width: int) -> str:
    """SQL of a number in (0, 1) made of some bits of a hash."""
    return f"((({bits}) >> {shift}) % {2**width} + 0.5) / {2**width}.0"


def _power(uniform: str, count: str, exponent: float) -> str:
    """SQL of a rank from a truncated power law."""
    power = 1.0 - exponent
    top = f"pow({count} + 1, {power})"
    drawn = f"floor(pow(1 + {uniform} * ({top} - 1), {1 / power}))::BIGINT - 1"
    return f"least({drawn}, {count} - 1)"
