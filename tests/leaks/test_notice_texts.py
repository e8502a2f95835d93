"""Each notice has every element that its law lists, and nothing is made without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.leaks.notices_sample import CLAIM, make, write_assessment

from ringfence.errors import LeakError, SettingsError
from ringfence.leaks.notices import NoticeKey, create_notice_key
from ringfence.leaks.notices.claims import REQUIRED_SETTINGS, Law

LINKS = "url,work\nhttps://a.example.com/1,First Light\nhttps://a.example.com/2,River Song\n"


@pytest.fixture
def key(tmp_path: Path) -> NoticeKey:
    """Make a key."""
    return create_notice_key(tmp_path / "notices.key")


def words(path: Path) -> str:
    """Return a text without its line ends and its special spaces."""
    return " ".join(path.read_text(encoding="utf-8").split())


DMCA = {
    "(i) a signature of a person authorized to act for the owner": (
        "signature of a person who is authorized to act on behalf of the owner",
        "/s/ Maria Exemplo",
    ),
    "(ii) the works, and a representative list": (
        "works that are claimed to be infringed are sound recordings of Example Music.",
        "representative list of the works at the addresses below: - First Light - River Song",
    ),
    "(iii) the material, its removal, and where it is": (
        "is claimed to infringe these works. Please remove it, or disable access to it.",
        "https://a.example.com/1 https://a.example.com/2 3.",
    ),
    "(iv) address, telephone number and email address": (
        "Address: 1 Example Road, Dublin",
        "Telephone: +353 1 000 0000",
        "Email: rights@agency.example",
    ),
    "(v) good faith": (
        "I believe in good faith that the use of the material in the manner described here is not",
        "authorized by the copyright owner, its agent, or the law.",
    ),
    "(vi) accuracy, and authority under penalty of perjury": (
        "The information in this notice is accurate.",
        "Under penalty of perjury, I state that the complaining party is authorized to act on",
        "behalf of Example Music, the owner of an exclusive right that is allegedly infringed.",
    ),
}
"""17 U.S.C. § 512(c)(3)(A): the elements, and the words that say each."""

DSA = {
    "en": {
        "(a) why it is illegal": (
            "reproduces, or gives access to, sound recordings of Example Music.",
            "The copy was made without a licence, contrary to Article 2 of Directive 2001/29/EC.",
            "The copy contains 30,000 of them (30 %; at least 29.5 %",
        ),
        "(b) the exact addresses": ("https://a.example.com/1 https://a.example.com/2 3.",),
        "(c) name and email address": ("Name: Example Agency Email: rights@agency.example",),
        "(d) bona fide belief": (
            "We believe in good faith that the information and the allegations in this notice are",
            "accurate and complete.",
        ),
    },
    "fr": {
        "(a) why it is illegal": (
            "ou y donnent accès : sound recordings of Example Music.",
            "contrary to Article 2 of Directive 2001/29/EC.",
            "La copie en contient 30 000 (30 % ; au moins 29,5 % et au plus 31 %).",
        ),
        "(b) the exact addresses": ("https://a.example.com/1 https://a.example.com/2 3.",),
        "(c) name and email address": (
            "Nom : Example Agency Adresse électronique : rights@agency.example",
        ),
        "(d) bona fide belief": (
            "Nous croyons de bonne foi que les informations et les allégations contenues dans",
            "cette notification sont exactes et complètes.",
        ),
    },
}
"""Article 16(2) DSA: the elements, and the words that say each."""


@pytest.mark.parametrize("element", DMCA)
def test_a_dmca_notice_has_every_element(tmp_path: Path, key: NoticeKey, element: str) -> None:
    """Each element of § 512(c)(3)(A) is in the text to a host."""
    make(tmp_path, key, LINKS, file="links.csv", laws=["dmca"])
    text = words(tmp_path / "pack/notices/hosts/a.example.com/0001.dmca.en.txt")
    assert all(part in text for part in DMCA[element])


@pytest.mark.parametrize("element", DSA["en"])
@pytest.mark.parametrize("language", DSA)
def test_a_dsa_notice_has_every_element(
    tmp_path: Path, key: NoticeKey, language: str, element: str
) -> None:
    """Each element of Article 16(2) is in the text, in both languages."""
    make(tmp_path, key, LINKS, file="links.csv", laws=["dsa"], language=language)
    text = words(tmp_path / f"pack/notices/hosts/a.example.com/0001.dsa.{language}.txt")
    assert all(part in text for part in DSA[language][element])


def test_a_search_engine_is_asked_to_remove_links(tmp_path: Path, key: NoticeKey) -> None:
    """§ 512(d) is about references and links, and Article 16 of the DSA is not about search."""
    made = make(tmp_path, key, LINKS, file="links.csv")
    assert made.notices == {"host": 2, "google": 1, "bing": 1}
    text = words(tmp_path / "pack/notices/google/0001.dmca.en.txt")
    assert "To: the designated agent of Google Search" in text
    assert "remove the references and links to these addresses" in text
    assert not list((tmp_path / "pack/notices/bing").glob("*dsa*"))
    only = make(tmp_path, key, LINKS, file="links.csv", laws=["dsa"], out="dsa")
    assert only.notices == {"host": 1}


def test_an_owner_signs_as_owner(tmp_path: Path, key: NoticeKey) -> None:
    """An owner needs no other name, and does not claim to act for anybody."""
    make(tmp_path, key, laws=["dmca"], authority="owner", owner="")
    text = words(tmp_path / "pack/notices/hosts/a.example.com/0001.dmca.en.txt")
    assert "I state that the complaining party is the owner of an exclusive right" in text
    assert "The owner of the rights is Example Agency." in text


@pytest.mark.parametrize("law", REQUIRED_SETTINGS)
def test_all_that_is_missing_is_named_at_once(tmp_path: Path, key: NoticeKey, law: Law) -> None:
    """Without any data, the error has each setting with its provision, and nothing is written."""
    empty = {**dict.fromkeys(CLAIM, ""), "authority": None}
    with pytest.raises(SettingsError) as caught:
        make(tmp_path, key, laws=[law], **empty)
    assert {
        f"notices.{name} ({provision})" for name, provision in REQUIRED_SETTINGS[law].items()
    } <= set(str(caught.value).partition(": ")[2].split(" (set ", 1)[0].split("; "))
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize(
    ("law", "name"), [(law, name) for law in REQUIRED_SETTINGS for name in REQUIRED_SETTINGS[law]]
)
def test_each_missing_field_refuses_the_notice(
    tmp_path: Path, key: NoticeKey, law: Law, name: str
) -> None:
    """One empty setting is enough, and no other is named."""
    with pytest.raises(SettingsError) as caught:
        make(tmp_path, key, laws=[law], **{name: None if name == "authority" else ""})
    assert str(caught.value).count("notices.") == 1
    assert f"notices.{name}" in str(caught.value)


def test_an_agent_says_for_whom(tmp_path: Path, key: NoticeKey) -> None:
    """An agent without an owner has no authority."""
    with pytest.raises(SettingsError, match=r"notices\.owner"):
        make(tmp_path, key, owner="")


def test_a_setting_cannot_forge_a_line(tmp_path: Path, key: NoticeKey) -> None:
    """Line ends, hidden characters and false email addresses are refused by the settings."""
    for wrong in ({"name": "A\nSignature: B"}, {"works": "x\u202ey"}, {"email": "a b@c"}):
        with pytest.raises(SettingsError, match=f"notices.{next(iter(wrong))}"):
            make(tmp_path, key, **wrong)


def test_template_marks_in_values_are_text(tmp_path: Path, key: NoticeKey) -> None:
    """A value that looks like a template is not filled in."""
    links = "url,work\nhttps://a.example.com/1,{{ 7 * 7 }}{% raw %}\n"
    make(tmp_path, key, links, file="links.csv", works="{{ claim.phone }}", laws=["dmca"])
    text = words(tmp_path / "pack/notices/hosts/a.example.com/0001.dmca.en.txt")
    assert "- {{ 7 * 7 }}{% raw %}" in text
    assert "are {{ claim.phone }}." in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"related": False}, "no relation to the catalogue beyond chance"),
        ({"together": None}, "is not an assessment of this version"),
        ({"items": 0}, "is not an assessment of this version"),
    ],
)
def test_no_notice_about_an_unrelated_copy(
    tmp_path: Path, key: NoticeKey, changes: dict[str, object], said: str
) -> None:
    """An assessment that found no relation, or is damaged, gives no notice and no folder."""
    write_assessment(tmp_path / "leak", **changes)
    with pytest.raises(LeakError, match=said):
        make(tmp_path, key)
    assert not (tmp_path / "pack").exists()


def test_a_doubtful_origin_is_said(tmp_path: Path, key: NoticeKey) -> None:
    """An own export, and a match by titles alone, are warnings to the person who sends."""
    write_assessment(
        tmp_path / "leak",
        own_export=True,
        dumps=[{"id_form": "", "relation": {"p_value": 0}}],
    )
    own, titles = make(tmp_path, key).warnings
    assert "own export" in own
    assert "No identifier of your own" in titles


def test_lumen_gets_no_personal_data(tmp_path: Path, key: NoticeKey) -> None:
    """The document has the fields that Lumen requires, and of the claimant only the name."""
    make(tmp_path, key, laws=["dmca"])
    text = (tmp_path / "pack/notices/hosts/a.example.com/0001.dmca.lumen.json").read_text()
    notice = json.loads(text)["notice"]
    assert (notice["type"], notice["date_sent"]) == ("DMCA", "2026-03-09")
    assert len(notice["title"]) <= 255
    (work,) = notice["works_attributes"]
    assert work["infringing_urls_attributes"] == [{"url": "https://a.example.com/1"}]
    roles = {
        one["name"]: one["entity_attributes"]["name"]
        for one in notice["entity_notice_roles_attributes"]
    }
    assert roles == {
        "sender": "Example Agency", "principal": "Example Music", "recipient": "a.example.com",
    }  # fmt: skip
    private = (CLAIM["address"], CLAIM["phone"], CLAIM["email"], CLAIM["signature"])
    assert not [one for one in private if one in text]
    assert "token" not in text
