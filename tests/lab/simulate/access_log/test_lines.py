"""The text of the simulated log, and the noise in it."""

from __future__ import annotations

import numpy as np

from ringfence.lab.simulate.access_log.lines import PARTIAL, dotted, letterhead, render
from ringfence.lab.simulate.access_log.noise import plays_within, with_noise
from ringfence.lab.simulate.access_log.uses import Uses

_LETTERS = letterhead(["ann", "bob"], np.array([[1, 2], [65_793, 65_793]]), np.array([2, 3]))


def _streams(count: int) -> Uses:
    column = np.arange(1, count + 1, dtype=np.int32)
    return Uses.streams(column * 100, column % 2, column)


def test_a_stream_is_written_as_nginx_does() -> None:
    """The whole line, byte by byte."""
    uses = Uses(
        second=np.array([90_061], np.int32),
        account=np.array([1], np.int32),
        track=np.array([77], np.int32),
        reply=np.array([0], np.int8),
        address=np.array([1], np.int8),
    )
    assert render(uses, _LETTERS) == (
        '10.1.1.1 - bob [03/Jun/2025:01:01:01 +0000] "GET /rest/stream?id=tr-77&u=bob&c=web '
        'HTTP/1.1" 200 2109763 "https://music.example.org/app/" '
        '"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"\n'
    )


def test_a_line_about_no_track_names_none() -> None:
    """A style sheet has a path and no query; the second address is used where it says so."""
    none = np.array([0], np.int32)
    uses = Uses(none, none, none, np.array([6], np.int8), np.array([1], np.int8))
    assert render(uses, _LETTERS).startswith(
        '10.0.0.2 - ann [02/Jun/2025:00:00:00 +0000] "GET /app.css HTTP/1.1" 200 512 "-" "Feishin/'
    )


def test_addresses_are_of_the_private_network() -> None:
    """Numbers below 2**24 become addresses of 10.0.0.0/8, which is nobody's."""
    assert dotted(0) == "10.0.0.0"
    assert dotted(2**24 - 1) == "10.255.255.255"


def test_noise_fills_up_to_the_lines_asked_for() -> None:
    """Plays and noise make the exact number of lines, and no play is lost."""
    plays = _streams(plays_within(5_000))
    noisy = with_noise(np.random.default_rng(1), plays, 5_000)
    assert len(noisy) == 5_000
    assert np.array_equal(noisy.track[: len(plays)], plays.track)


def test_range_requests_follow_their_stream_within_seconds() -> None:
    """Every further range is of a track the same account began at most 15 seconds before."""
    plays = _streams(plays_within(5_000))
    noisy = with_noise(np.random.default_rng(1), plays, 5_000)
    further = np.arange(len(noisy)) >= len(plays)
    ranged = further & (noisy.track > 0)
    assert ranged.sum() == 150
    begun = noisy.track[ranged] - 1
    assert np.array_equal(noisy.account[ranged], plays.account[begun])
    assert set((noisy.second[ranged] - plays.second[begun]).tolist()) <= set(range(1, 15))
    assert set(noisy.reply[begun].tolist()) == {PARTIAL}
