"""A claim, an assessment and links, for tests of notices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ringfence.leaks.notices import Law, NoticeKey, NoticePack, NoticeRequest, make_notices
from ringfence.settings import Settings

CLAIM: dict[str, Any] = {
    "name": "Example Agency",
    "address": "1 Example Road, Dublin",
    "phone": "+353 1 000 0000",
    "email": "rights@agency.example",
    "signature": "Maria Exemplo",
    "authority": "agent",
    "owner": "Example Music",
    "works": "sound recordings of Example Music",
    "works_url": "https://www.music.example/catalogue",
    "ground": "The copy was made without a licence, contrary to Article 2 of Directive 2001/29/EC.",
}
DAY = date(2026, 3, 9)


def write_assessment(folder: Path, **changes: Any) -> Path:  # noqa: ANN401 - any JSON value
    """Write the parts of ``leak.json`` that notices read, with some of them changed."""
    part = {"items": 30_000, "share": 0.3, "use": 0.9, "low": 29_500, "high": 31_000}
    document = {
        "items": 100_000,
        "related": True,
        "own_export": False,
        "together": part,
        "files": part,
        "metadata": {**part, "items": 0},
        "dumps": [{"id_form": "as it stands", "relation": {"p_value": 1e-9}}],
        **changes,
    }
    folder.mkdir(exist_ok=True)
    (folder / "leak.json").write_text(json.dumps(document))
    return folder


def write_claim(path: Path) -> None:
    """Write settings with the claim."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in CLAIM.items()]
    path.write_text("\n".join(["[notices]", *lines]))


def make(  # noqa: PLR0913 - what a test can vary
    folder: Path,
    key: NoticeKey,
    links: str = "https://a.example.com/1\nhttps://b.example.com/2\n",
    *,
    file: str = "links.txt",
    laws: Sequence[Law] = ("dmca", "dsa"),
    language: Any = "en",  # noqa: ANN401 - a literal
    out: str = "pack",
    **claim: Any,  # noqa: ANN401 - any setting
) -> NoticePack:
    """Make a pack from a text of links, in a folder of the test."""
    (folder / file).write_bytes(links.encode("utf-8", "surrogateescape"))
    assessment = folder / "leak"
    if not assessment.exists():
        write_assessment(assessment)
    request = NoticeRequest(folder / file, assessment, tuple(laws), language, DAY)
    settings = Settings.model_validate({"notices": {**CLAIM, **claim}})
    return make_notices(request, folder / out, key, settings)
