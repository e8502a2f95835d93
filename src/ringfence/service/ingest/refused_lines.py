"""Keep records that could not be read, in files of limited size, as a scan does."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ringfence.events.quarantine import TEXT_KEPT
from ringfence.events.secrets import mask_secrets
from ringfence.service.files import ServiceFolder
from ringfence.service.files.bounded_lines import append_bounded
from ringfence.service.ingest.records import RefusedRecord


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

    def add(self, client: str, lines: Sequence[RefusedRecord], count: int) -> None:
        """Append the refused records of a batch.

        Args:
            client: name of the client's token.
            lines: the first refused records.
            count: number of all refused records.

        Raises:
            OSError: the disk is full.
        """
        every = [self._row(client, one) for one in lines]
        if more := count - len(lines):
            said = f"{more} more were counted but not kept"
            every.append(
                {"file": f"http/{client}", "line": 0, "reason": lines[-1].reason, "text": said}
            )
        append_bounded(self._path, every)

    def _row(self, client: str, record: RefusedRecord) -> dict[str, object]:
        shown = mask_secrets(record.text[: self._most_text], self._keys)[: self._most_text]
        return {
            "file": f"http/{client}",
            "line": record.line,
            "reason": record.reason,
            "text": shown,
        }
