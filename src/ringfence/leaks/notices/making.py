"""Make the notices about a published copy, and the evidence pack that has them."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from ringfence.exports.stix_objects import stix_library
from ringfence.leaks.notices.assessed_copy import ASSESSMENT_FILE, AssessedCopy, read_assessment
from ringfence.leaks.notices.batches import BatchLimit, NoticeBatch, batches, limits_of
from ringfence.leaks.notices.claims import Law, check_claim
from ringfence.leaks.notices.links import (
    LinksToReport,
    links_of_file,
    links_of_register,
    no_links,
)
from ringfence.leaks.notices.lumen import lumen_notice
from ringfence.leaks.notices.packs import PackWriter
from ringfence.leaks.notices.partners import copy_bundle
from ringfence.leaks.notices.signing import NoticeKey
from ringfence.leaks.notices.texts import NoticeContent, google_header, google_list, notice_text
from ringfence.notice_settings import Recipient
from ringfence.settings import Settings
from ringfence.small_files import read_small_file
from ringfence.statement_settings import Language

EVIDENCE_FILES: Final = (ASSESSMENT_FILE, "leak.html", "coverage.csv", "missing.csv")
"""The files of an assessment that a pack has, if they exist."""

LINKS_TABLE: Final = "links.csv"
"""The file of a pack with one row per link and recipient."""

_LARGEST_EVIDENCE: Final = 256 << 20
_FORMULA: Final = ("=", "+", "-", "@")


@dataclass(frozen=True)
class NoticeRequest:
    """The inputs of notices.

    Attributes:
        links: file of links, or folder of a register of links.
        assessment: folder that ``leak assess`` wrote.
        laws: at least one, each once.
        language: of notices under the DSA.
        day: the date of the notices.
        partners: whether the pack has a STIX bundle.
        registered: whether ``links`` is a register.
    """

    links: Path
    assessment: Path
    laws: tuple[Law, ...]
    language: Language
    day: date
    partners: bool = False
    registered: bool = False


@dataclass(frozen=True)
class NoticePack:
    """The result: the numbers of a pack.

    Attributes:
        links: number of different addresses.
        hosts: number of their hosts.
        refused: records that cannot be used.
        notices: number of texts, by recipient.
        files: number of files that the manifest lists.
        fingerprint: of the key that signed.
        warnings: what a person should check before sending.
    """

    links: int
    hosts: int
    refused: int
    notices: dict[Recipient, int]
    files: int
    fingerprint: str
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the result as an object for ``json.dumps``."""
        return asdict(self)


def make_notices(
    request: NoticeRequest, folder: Path, key: NoticeKey, settings: Settings
) -> NoticePack:
    """Write notices, with their evidence, into a new folder. Nothing is sent or visited.

    The same request, settings, key and version of Ringfence give the same bytes.

    Args:
        request: the links, the assessment, and the form of the notices.
        folder: is made if it does not exist; it must not have files.
        key: signs the manifest.
        settings: the claimant's data, the limits, and the engine's resources.

    Raises:
        SettingsError: the claim lacks what a law requires; all of it is named.
        LeakError: the assessment or the links cannot be used.
        OutputError: the folder is not empty, or cannot be written.
        MissingPackageError: a bundle for partners needs the package stix2.
    """
    check_claim(settings.notices, request.laws)
    copy = read_assessment(request.assessment)
    if request.partners:
        stix_library()
    claim = settings.notices
    # Article 16 of the DSA is about hosting services, so search engines get no such notice.
    limits = limits_of(
        claim.limits, engines="dmca" in request.laws, header=len(google_header(claim).encode())
    )
    with _links(request, limits, settings) as links, PackWriter(folder) as pack:
        content = NoticeContent(claim, copy, request.day)
        notices = _write_notices(pack, request, batches(links, limits), content)
        if not links.links:
            raise no_links(links, request.links)
        _write_evidence(pack, request, copy, links)
        made = NoticePack(
            links.links,
            links.hosts,
            sum(one.count for one in links.refused),
            dict.fromkeys(limits, 0) | notices,
            pack.files + 1,
            key.fingerprint,
            copy.warnings,
        )
        pack.write("pack.json", _json({**_origin(request, links), **made.to_json()}))
        pack.sign(key)
    return made


def _links(
    request: NoticeRequest, limits: Mapping[Recipient, BatchLimit], settings: Settings
) -> AbstractContextManager[LinksToReport]:
    if request.registered:
        return links_of_register(request.links, limits, settings)
    return links_of_file(request.links, settings)


def _write_notices(
    pack: PackWriter,
    request: NoticeRequest,
    notices: Iterable[NoticeBatch],
    content: NoticeContent,
) -> Counter[Recipient]:
    """Write the texts of all notices and the list of links; return the number of texts."""
    claim = content.claim
    counts: Counter[Recipient] = Counter()
    with pack.stream(LINKS_TABLE) as table:
        table.write("url,host,work,recipient,notice\n")
        for batch in notices:
            place = _place(batch)
            for law in request.laws if batch.host else ("dmca",):
                counts[batch.recipient] += 1
                language = request.language if law == "dsa" else "en"
                text = notice_text(law, language, batch, content)
                pack.write(f"{place}.{law}.{language}.txt", text)
                document = lumen_notice(law, language, batch, content)
                pack.write(f"{place}.{law}.lumen.json", _json(document))
            if batch.recipient == "google":
                pack.write(f"{place}.addresses.txt", google_list(batch, claim))
            table.write(_rows(batch, place))
    return counts


def _place(batch: NoticeBatch) -> str:
    # A host has letters, digits, hyphens, dots and, as a number, brackets and colons.
    host = batch.host.strip("[]").replace(":", "_")
    folder = f"hosts/{host}" if host else batch.recipient
    return f"notices/{folder}/{batch.number:04}"


def _rows(batch: NoticeBatch, place: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        (one.url, one.host, _harmless(one.work), batch.recipient, place) for one in batch.links
    )
    return out.getvalue()


def _harmless(work: str) -> str:
    # A spreadsheet would take a text with such a beginning for a formula.
    return f"'{work}" if work.startswith(_FORMULA) else work


def _write_evidence(
    pack: PackWriter, request: NoticeRequest, copy: AssessedCopy, links: LinksToReport
) -> None:
    with pack.stream("refused.jsonl") as out:
        for one in links.refused:
            out.write(json.dumps(asdict(one)) + "\n")
    for name in EVIDENCE_FILES:
        path = request.assessment / name
        if name == ASSESSMENT_FILE or path.exists():
            content = read_small_file(path, _LARGEST_EVIDENCE, "run ringfence leak assess again")
            pack.write(f"evidence/{name}", content)
    if request.partners:
        bundle = copy_bundle(copy, links.links, links.hosts, request.day)
        pack.write("partners.stix.json", _json(bundle))


def _origin(request: NoticeRequest, links: LinksToReport) -> dict[str, Any]:
    """Return what the pack was made from, without any path of this machine."""
    return {
        "ringfence": version("ringfence"),
        "day": request.day.isoformat(),
        "laws": list(request.laws),
        "language": request.language,
        **({"links_sha256": links.digest} if links.digest else {"register": True}),
    }


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2) + "\n"
