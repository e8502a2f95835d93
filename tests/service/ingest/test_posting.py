"""A posted batch is stored as it was meant, or the answer says why not."""

from __future__ import annotations

import asyncio
import base64
import gzip
import io
import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
import zstandard
from tests.service.ingest.live import EVENT, LINES, post, settings, stored, token, with_client

from ringfence.service.event_log import LogWriter
from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.ingest.application import EVENTS_PATH
from ringfence.settings import Settings

OTHER = {**EVENT, "account": "bob", "item": "t2"}
CLOUD = {"specversion": "1.0", "id": "1", "source": "/web", "type": "play"}


def lines(*records: object) -> bytes:
    """Return records as lines of JSON."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def test_lines_are_stored_as_they_came(tmp_path: Path) -> None:
    """Records with the names of the event schema are on disk when the answer comes."""
    answer = post(tmp_path, lines(EVENT, OTHER))
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 2, "quarantined": 0, "repeated": False}
    assert stored(tmp_path) == {"events": [EVENT, OTHER]}


BODIES = {
    "lines without a last line end": (LINES, lines(EVENT, OTHER)[:-1]),
    "lines with carriage returns": (LINES, lines(EVENT, OTHER).replace(b"\n", b"\r\n\r\n")),
    "array": ("application/json", json.dumps([EVENT, OTHER]).encode()),
    "array over several lines": ("application/json", json.dumps([EVENT, OTHER], indent=2).encode()),
    "objects": ("application/json; charset=utf-8", lines(EVENT, OTHER)),
    "cloudevents": (
        "application/cloudevents-batch+json",
        json.dumps([{**CLOUD, "data": EVENT}, {**CLOUD, "data": OTHER}]).encode(),
    ),
    "cloudevents in base64": (
        "application/cloudevents-batch+json",
        json.dumps(
            [
                {**CLOUD, "data_base64": base64.b64encode(lines(one)).decode()}
                for one in (EVENT, OTHER)
            ]
        ).encode(),
    ),
    "cloudevents with their own time": (
        "application/cloudevents-batch+json",
        json.dumps(
            [
                {**CLOUD, "time": EVENT["ts"], "data": {**one, "ts": None}}
                | {"data": {k: v for k, v in one.items() if k != "ts"}}
                for one in (EVENT, OTHER)
            ]
        ).encode(),
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_every_form_gives_the_same_records(tmp_path: Path, name: str) -> None:
    """JSON lines, arrays and CloudEvents are stored as the same two events."""
    content_type, body = BODIES[name]
    answer = post(tmp_path, body, content_type)
    assert answer.json() == {"accepted": 2, "quarantined": 0, "repeated": False}
    assert stored(tmp_path) == {"events": [EVENT, OTHER]}


@pytest.mark.parametrize("form", ["stream", "file"])
def test_an_arrow_table_gives_the_same_records(tmp_path: Path, form: str) -> None:
    """Streams and files of Arrow are read, also with categories and times."""
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_pylist([EVENT, OTHER])
    table = table.set_column(1, "account", table["account"].dictionary_encode())
    sink = io.BytesIO()
    make = pa.ipc.new_stream if form == "stream" else pa.ipc.new_file
    with make(sink, table.schema) as writer:
        writer.write_table(table)
    answer = post(tmp_path, sink.getvalue(), f"application/vnd.apache.arrow.{form}")
    assert answer.json() == {"accepted": 2, "quarantined": 0, "repeated": False}
    assert stored(tmp_path) == {"events": [EVENT, OTHER]}


def arrow_stream(table: Any, **options: Any) -> bytes:  # noqa: ANN401 - untyped library
    """Return a table as an Arrow stream."""
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue()


@pytest.mark.slow
def test_arrow_data_that_would_grow_is_refused(tmp_path: Path) -> None:
    """Compressed buffers, nested columns and repeated long texts get an answer, and no memory."""
    pa = pytest.importorskip("pyarrow")
    long = pa.table({"item": pa.DictionaryArray.from_arrays([0] * 10_000, ["x" * 1_000_000])})
    view = struct.pack("<i4sii", 1_000_000, b"xxxx", 0, 0)
    buffers = [None, pa.py_buffer(view * 10_000), pa.py_buffer(b"x" * 1_000_000)]
    views = pa.table({"item": pa.Array.from_buffers(pa.string_view(), 10_000, buffers)})
    nulls = pa.table({"item": pa.nulls(50_000_000)})
    bodies = {
        "compressed": arrow_stream(pa.table({"item": ["a" * 100_000]}), compression="zstd"),
        "send flat columns": arrow_stream(pa.table({"item": [["a"]]})),
        "too large as JSON": arrow_stream(long),
        "the column 'item' is too large": arrow_stream(views),
        "more than 2,000,000 bytes": arrow_stream(nulls),
        "cannot be read": arrow_stream(pa.table({"item": ["a"]}))[:-30],
    }
    for number, (said, body) in enumerate(bodies.items()):
        given = settings(largest_body_mb=2)
        answer = post(tmp_path / str(number), body, "application/vnd.apache.arrow.stream", given)
        assert answer.status_code == 400, said
        assert said in answer.json()["detail"]


@pytest.mark.slow
def test_hostile_arrow_offsets_are_refused(tmp_path: Path) -> None:
    """Bytes changed anywhere in a stream give an answer, and never a crash."""
    pa = pytest.importorskip("pyarrow")
    body = bytearray(arrow_stream(pa.Table.from_pylist([EVENT] * 3)))
    folder = ServiceFolder(tmp_path)
    headers = {**token(folder), "Content-Type": "application/vnd.apache.arrow.stream"}

    async def talk(client: httpx.AsyncClient) -> None:
        for place in range(0, len(body), 3):
            for value in (0, 0x7F, 0xFF):
                changed = bytes(body[:place]) + bytes([value]) + bytes(body[place + 1 :])
                answer = await client.post(EVENTS_PATH, content=changed, headers=headers)
                assert answer.status_code in {202, 400, 422}, (place, value, answer.text)

    with_client(tmp_path, talk, settings(largest_body_mb=1))


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_compressed_bodies_are_unpacked(tmp_path: Path, encoding: str) -> None:
    """Both compressions give the same records."""
    pack = gzip.compress if encoding == "gzip" else zstandard.ZstdCompressor().compress
    answer = post(tmp_path, pack(lines(EVENT)), Content_Encoding=encoding)
    assert answer.status_code == 202
    assert stored(tmp_path) == {"events": [EVENT]}


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_zip_bomb_is_refused(tmp_path: Path, encoding: str) -> None:
    """A small body of 200 MB of zeros is refused when it passes the limit."""
    if encoding == "gzip":
        maker = zlib.compressobj(9, wbits=31)
        body = b"".join(maker.compress(bytes(1 << 20)) for _ in range(200)) + maker.flush()
    else:
        body = zstandard.ZstdCompressor().compress(bytes(200 << 20))
    answer = post(tmp_path, body, given=settings(largest_body_mb=1), Content_Encoding=encoding)
    assert answer.status_code in {400, 413}
    assert stored(tmp_path) == {}


REFUSED = {
    "a large body": (413, LINES, b"x" * 3_000_001, {}),
    "a cut gzip body": (400, LINES, gzip.compress(lines(EVENT))[:-4], {"Content_Encoding": "gzip"}),
    "too many records": (413, LINES, b'{"item":1}\n' * 200_001, {}),
    "an unknown encoding": (415, LINES, b"", {"Content_Encoding": "br"}),
    "two encodings": (415, LINES, b"", {"Content_Encoding": "gzip, gzip"}),
    "an unknown type": (415, "text/html", lines(EVENT), {}),
    "another character set": (415, "text/plain; charset=latin1", lines(EVENT), {}),
    "a long key": (400, LINES, lines(EVENT), {"Idempotency_Key": "k" * 256}),
    "a key with a space": (400, LINES, lines(EVENT), {"Idempotency_Key": "a b"}),
    "no JSON at all": (422, LINES, b"GET / HTTP/1.1\n", {}),
    "JSON that is no object": (422, "application/json", b"[1, 2, null]", {}),
    "objects without a known column": (422, LINES, b'{"x": 1}\n', {}),
    "objects that are no CloudEvents": (
        422,
        "application/cloudevents+json",
        json.dumps(EVENT).encode(),
        {},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_an_unusable_request_is_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    """The answer has the status and one sentence, and nothing is stored."""
    status, content_type, body, headers = REFUSED[name]
    answer = post(tmp_path, body, content_type, settings(largest_body_mb=3), **headers)
    assert answer.status_code == status
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    assert stored(tmp_path) == {}


def test_bad_records_are_quarantined_and_the_others_stored(tmp_path: Path) -> None:
    """The good records of a batch count, the bad ones are kept with their line, without secrets."""
    bad = b'{"ts": "2026-11-29T09:00:00Z", "url": "/x?api_key=hidden123", broken\n'
    answer = post(tmp_path, lines(EVENT) + bad + b"\n" + lines(OTHER) + b"\xff\xfe\n", name="x")
    assert answer.json() == {"accepted": 2, "quarantined": 2, "repeated": False}
    assert stored(tmp_path) == {"events": [EVENT, OTHER]}
    path = ServiceFolder(tmp_path).quarantine / "ingest.jsonl"
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(one["line"], one["reason"]) for one in kept] == [
        (2, "not-a-record"),
        (5, "not-a-record"),
    ]
    assert kept[0].keys() == {"file", "line", "reason", "text"}
    assert "hidden123" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_with_pseudonyms_no_text_is_kept(tmp_path: Path) -> None:
    """A line that cannot be read may name an account, so its text is left out."""
    given = Settings(privacy={"pseudonym_key": "key"}, service={"free_disk_mb": 0})
    post(tmp_path, b"ann took t1\n", given=given)
    path = ServiceFolder(tmp_path).quarantine / "ingest.jsonl"
    assert json.loads(path.read_text())["text"] == ""


def test_a_key_makes_a_batch_count_once(tmp_path: Path) -> None:
    """A repeated batch is acknowledged and not stored again; each client has its own keys."""
    folder = ServiceFolder(tmp_path)
    one, other = token(folder, "one"), token(folder, "other")

    async def talk(client: httpx.AsyncClient) -> list[Any]:
        answers = []
        for shown, key in (
            (one, '"k1"'),
            (one, "k1"),
            (other, "k1"),
            (one, "k2"),
            (one, ""),
            (one, ""),
        ):
            headers = {**shown, "Content-Type": LINES, "Idempotency-Key": key}
            answers.append(await client.post(EVENTS_PATH, content=lines(EVENT), headers=headers))
        return [answer.json()["repeated"] for answer in answers]

    assert with_client(tmp_path, talk) == [False, True, False, False, False, False]
    assert len(stored(tmp_path)["events"]) == 5


def test_a_client_without_keys_may_name_its_body_as_the_key(tmp_path: Path) -> None:
    """With the key body, the same records are stored once, however they are sent."""
    headers = {**token(ServiceFolder(tmp_path)), "Content-Type": LINES, "Idempotency-Key": "body"}

    async def talk(client: httpx.AsyncClient) -> list[Any]:
        answers = []
        for body in (lines(EVENT), lines(EVENT), lines(OTHER), lines(EVENT, OTHER), lines(EVENT)):
            packed = {**headers, "Content-Encoding": "gzip"} if answers else headers
            sent = gzip.compress(body) if answers else body
            answers.append(await client.post(EVENTS_PATH, content=sent, headers=packed))
        return [answer.json()["repeated"] for answer in answers]

    assert with_client(tmp_path, talk) == [False, True, False, False, True]


VECTOR = {
    "account": "ann", "file": "/var/log/app.json", "host": "web1", "item": "t1",
    "source_type": "file", "timestamp": "2026-11-29T09:00:00Z",
}  # fmt: skip
FLUENT_BIT = {"date": 1795942800.25, "user": "ann", "track": "t1", "stream": "stdout"}
COLLECTORS = {
    "Vector, framing newline_delimited": (LINES, lines(VECTOR, VECTOR), {}),
    "Vector, array, zstd": (
        "application/json",
        zstandard.ZstdCompressor().compress(json.dumps([VECTOR, VECTOR]).encode()),
        {"Content_Encoding": "zstd"},
    ),
    "Fluent Bit, json, gzip": (
        "application/json",
        gzip.compress(json.dumps([FLUENT_BIT, FLUENT_BIT]).encode()),
        {"Content_Encoding": "gzip"},
    ),
    "Fluent Bit, json_lines": (LINES, lines(FLUENT_BIT, FLUENT_BIT), {}),
    "Fluent Bit, json_stream": (
        "application/json",
        json.dumps(FLUENT_BIT).encode() + json.dumps(FLUENT_BIT).encode(),
        {},
    ),
}


@pytest.mark.parametrize("name", COLLECTORS)
def test_batches_of_collectors_are_taken(tmp_path: Path, name: str) -> None:
    """Vector and Fluent Bit need no change of names: their records become events."""
    content_type, body, headers = COLLECTORS[name]
    answer = post(tmp_path, body, content_type, **headers)
    assert answer.json() == {"accepted": 2, "quarantined": 0, "repeated": False}
    for one in stored(tmp_path)["events"]:
        assert (one["account"], one["item"]) == ("ann", "t1")
        assert one["ts"] in {VECTOR["timestamp"], FLUENT_BIT["date"], str(FLUENT_BIT["date"])}


@pytest.mark.slow
def test_many_batches_at_once_are_all_stored(tmp_path: Path) -> None:
    """Batches that wait together share one wait for the disk, and none is lost or doubled."""
    shown = token(ServiceFolder(tmp_path))
    records = [{**EVENT, "item": f"t{n}"} for n in range(600)]

    async def talk(client: httpx.AsyncClient) -> None:
        headers = {**shown, "Content-Type": LINES}
        calls = [
            client.post(EVENTS_PATH, content=lines(*records[n : n + 3]), headers=headers)
            for n in range(0, 600, 3)
        ]
        assert {answer.status_code for answer in await asyncio.gather(*calls)} == {202}

    with_client(tmp_path, talk)
    assert sorted(one["item"] for one in stored(tmp_path)["events"]) == sorted(
        one["item"] for one in records
    )


def test_clients_are_told_to_wait_when_the_judge_lags(tmp_path: Path) -> None:
    """With too many stored events, the answer is 429 with Retry-After, and nothing is stored."""
    folder = ServiceFolder(tmp_path)
    folder.create()
    (folder.log / f"{1:020}.segment").write_bytes(bytes(1_100_000))
    answer = post(tmp_path, lines(EVENT), given=settings(lag_mb=1))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_clients_are_told_to_wait_when_memory_is_full(tmp_path: Path) -> None:
    """While large bodies arrive slowly, further ones get 429; afterwards there is room again."""
    headers = {**token(ServiceFolder(tmp_path)), "Content-Type": LINES}
    arrived, go = asyncio.Event(), asyncio.Event()

    async def slow() -> Any:  # noqa: ANN401 - an asynchronous generator
        yield b" " * 1_900_000
        arrived.set()
        await go.wait()
        yield lines(EVENT)

    async def talk(client: httpx.AsyncClient) -> None:
        first = asyncio.create_task(client.post(EVENTS_PATH, content=slow(), headers=headers))
        await arrived.wait()
        second = await client.post(EVENTS_PATH, content=b" " * 200_000, headers=headers)
        assert second.status_code == 429
        assert second.headers["retry-after"] == "1"
        go.set()
        assert (await first).status_code == 202
        third = await client.post(EVENTS_PATH, content=lines(OTHER), headers=headers)
        assert third.status_code == 202

    with_client(tmp_path, talk, settings(waiting_mb=2, largest_body_mb=2))
    assert stored(tmp_path) == {"events": [EVENT, OTHER]}


def test_a_slow_client_is_sent_away(tmp_path: Path) -> None:
    """A body that does not arrive in time gets 408."""
    headers = {**token(ServiceFolder(tmp_path)), "Content-Type": LINES}

    async def stuck() -> Any:  # noqa: ANN401 - an asynchronous generator
        yield b"{"
        await asyncio.sleep(5)

    async def talk(client: httpx.AsyncClient) -> int:
        answer = await client.post(EVENTS_PATH, content=stuck(), headers=headers)
        return answer.status_code

    assert with_client(tmp_path, talk, settings(body_seconds=0.2)) == 408


@pytest.mark.parametrize(("number", "said"), [(28, "full"), (30, "Read-only"), (5, "error")])
def test_a_log_that_cannot_be_written_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    """Nothing is acknowledged, the probe says why, and both recover with the disk."""
    headers = {**token(ServiceFolder(tmp_path)), "Content-Type": LINES}
    broken = True

    def failing(*args: Any) -> Any:  # noqa: ANN401 - as the real one
        if broken:
            raise OSError(number, os.strerror(number))
        return os_write(*args)

    import os

    os_write = os.write

    async def talk(client: httpx.AsyncClient) -> None:
        nonlocal broken
        monkeypatch.setattr("ringfence.service.event_log.open_segment.os.write", failing)
        answer = await client.post(EVENTS_PATH, content=lines(EVENT), headers=headers)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert said in answer.json()["detail"]
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert said in ready.json()["problems"][0]
        broken = False
        answer = await client.post(EVENTS_PATH, content=lines(EVENT), headers=headers)
        assert answer.status_code == 202
        assert (await client.get("/readyz")).json() == {"ready": True, "problems": []}

    with_client(tmp_path, talk)
    assert stored(tmp_path) == {"events": [EVENT]}


def test_a_fault_of_the_writer_is_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the writer fails in a way nobody thought of, clients are answered, and it goes on."""
    headers = {**token(ServiceFolder(tmp_path)), "Content-Type": LINES}

    def failing(*_: object) -> list[bool]:
        raise RuntimeError

    async def talk(client: httpx.AsyncClient) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(LogWriter, "append", failing)
            answer = await client.post(EVENTS_PATH, content=lines(EVENT), headers=headers)
            assert answer.status_code == 503
            assert "RuntimeError" in answer.json()["detail"]
        answer = await client.post(EVENTS_PATH, content=lines(EVENT), headers=headers)
        assert answer.status_code == 202

    with_client(tmp_path, talk)
    assert stored(tmp_path) == {"events": [EVENT]}


def test_a_full_disk_makes_the_service_unready(tmp_path: Path) -> None:
    """The probe says how much is free at least."""

    async def talk(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get("/readyz")

    answer = with_client(tmp_path, talk, settings(free_disk_mb=100_000_000))
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["the disk has less than 100,000,000 MB free"]


def test_a_second_service_does_not_start(tmp_path: Path) -> None:
    """While another process writes the log, the application does not start."""
    folder = ServiceFolder(tmp_path)
    folder.create()

    async def talk(client: httpx.AsyncClient) -> None:
        raise AssertionError(client)

    with LogWriter(folder.log), pytest.raises(Exception, match="another process"):
        with_client(tmp_path, talk)


def test_metrics_and_status_count_without_names(tmp_path: Path) -> None:
    """Prometheus reads the numbers; no account, item or client is in them."""
    folder = ServiceFolder(tmp_path)
    shown, reading = token(folder, "shop"), token(folder, "prometheus", "metrics")

    async def talk(client: httpx.AsyncClient) -> str:
        headers = {**shown, "Content-Type": LINES}
        await client.post(EVENTS_PATH, content=lines(EVENT, OTHER) + b"x\n", headers=headers)
        return (await client.get("/metrics", headers=reading)).text

    text = with_client(tmp_path, talk)
    assert "ringfence_ingest_events_total 2.0" in text
    assert "ringfence_ingest_quarantined_total 1.0" in text
    assert 'ringfence_ingest_requests_total{status="202"} 1.0' in text
    assert not re.search(r"\b(ann|bob|t1|shop)\b", text)
    status = read_status(folder, "ingest")
    assert status is not None
    assert (status["events"], status["quarantined"], status["running"]) == (2, 1, False)
