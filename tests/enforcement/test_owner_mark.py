"""A file of a connected system belongs to one case store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ringfence.enforcement import SinkError, Standing, StateSink
from ringfence.enforcement.sinks.ezproxy import EzproxySink
from ringfence.enforcement.sinks.nginx import NginxSink

ANN = Standing("ann", "suspend", None, "5.2", 1)
BLOCK = b"::Common\nGroup +Default\n/Common\n# ringfence begin\n# ringfence end\n"


def nginx(file: Path, store: str) -> StateSink:
    """Return a sink that writes a map for nginx."""
    return NginxSink("gate", file, (), store)


def ezproxy(file: Path, store: str) -> StateSink:
    """Return a sink that writes a part of EZproxy's file."""
    if not file.exists():
        file.write_bytes(BLOCK)
    return EzproxySink("gate", file, "", store)


@pytest.fixture(params=[nginx, ezproxy])
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], StateSink]:
    """Return a function that makes the sink of a store. All of them write one file."""
    return lambda store: request.param(tmp_path / "file", store)


def test_another_store_does_not_free_the_accounts_of_the_first(
    sink: Callable[[str], StateSink], tmp_path: Path
) -> None:
    """A test store with the same settings changes nothing, and the first one can go on."""
    first, second = str(uuid4()), str(uuid4())
    sink(first).replace(iter([ANN]))
    before = (tmp_path / "file").read_bytes()
    assert b"ann" in before
    with pytest.raises(SinkError, match="belongs to another case store"):
        sink(second).replace(iter([]))
    assert (tmp_path / "file").read_bytes() == before
    sink(first).replace(iter([]))
    assert b"ann" not in (tmp_path / "file").read_bytes()


@pytest.mark.parametrize("earlier", ["", str(UUID(int=0))])
def test_a_file_of_no_store_is_taken_over(
    sink: Callable[[str], StateSink], tmp_path: Path, earlier: str
) -> None:
    """An earlier version wrote no id, and a store without cases has none."""
    sink(earlier).replace(iter([ANN]))
    store = str(uuid4())
    sink(store).replace(iter([]))
    assert store.encode() in (tmp_path / "file").read_bytes()
    assert (tmp_path / "file").read_bytes().count(b"# case store") == 1
