"""Keep records that could not be read, in files of limited size, as a scan does."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from ringfence.events.quarantine import TEXT_KEPT
from ringfence.events.reading import NO_RECORD
from ringfence.events.secrets import mask_secrets
from ringfence.service.files import ServiceFolder

_MOST_BYTES: Final = 10 << 20


class RefusedLines:
    """The file ``quarantine/ingest.jsonl``, with the columns of a scan's ``quarantine.jsonl``.

    When it has 10 MiB, it takes the place of ``ingest.older.jsonl``.

    Args:
        folder: the folder of the service.
        keys: further names of parameters with keys, as in ``account.parameters``.
        with_text: whether texts are kept. With pseudonyms they are not: a line that cannot be read
            may have the name of an account anywhere.
    """

    def __init__(
        self, folder: ServiceFolder, keys: Collection[str] = (), *, with_text: bool = True
    ) -> None:
        self._path = folder.quarantine / "ingest.jsonl"
        self._keys = keys
        self._most_text = TEXT_KEPT if with_text else 0

    def add(self, client: str, lines: Sequence[tuple[int, str]], count: int) -> None:
        """Append the refused records of a batch.

        Args:
            client: name of the client's token.
            lines: number and text of the first refused records.
            count: number of all refused records.

        Raises:
            OSError: the disk is full.
        """
        every = [self._record(client, line, text) for line, text in lines]
        if more := count - len(lines):
            said = f"{more} more with this reason were counted but not kept"
            every.append(self._record(client, 0, said))
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write("".join(every).encode("ascii"))
            full = file.tell() > _MOST_BYTES
        if full:
            self._path.replace(_older(self._path))

    def _record(self, client: str, line: int, text: str) -> str:
        shown = text[: self._most_text]
        if line:
            shown = mask_secrets(shown, self._keys)[: self._most_text]
        values = {"file": f"http/{client}", "line": line, "reason": NO_RECORD, "text": shown}
        # ASCII only: control characters of hostile lines are escaped.
        return json.dumps(values) + "\n"


def _older(path: Path) -> Path:
    return path.with_name("ingest.older.jsonl")
