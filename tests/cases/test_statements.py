"""The statement of reasons: its texts, its languages, and what is never in it."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cases.findings import ANA, BO, at, by, finding, moment, ring
from tests.cli.conftest import Run, run

from ringfence.cases import (
    POLICY,
    Author,
    CaseStore,
    Ruling,
    answer_appeal,
    decide,
    decisions_of,
    end_case,
    expire_decisions,
    open_store,
    receive_appeal,
    record,
)
from ringfence.cases.moving import read_case
from ringfence.cases.statements import StatementOfReasons, statement, writing
from ringfence.cases.statements.kinds import StatementKind
from ringfence.cases.statements.screening import LEFT_OUT, plain_text, screened
from ringfence.cases.statements.words import count_in_words, day_in_words, minute_in_words
from ringfence.cases.stolen_login import STOLEN
from ringfence.errors import CasesError, SettingsError
from ringfence.evidence import built_in_tests
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Action, Finding
from ringfence.settings import Settings
from ringfence.statement_settings import Language

__all__ = ["run"]

TEMPLATES = Path(writing.__file__).with_name("templates")

LANGUAGES: tuple[Language, ...] = get_args(Language)
KINDS: tuple[StatementKind, ...] = get_args(StatementKind)

SETTINGS = Settings(statements={"service": "Free Library", "contact": "appeals@library.example"})

HEADING = re.compile(r"^(\d)\. ", re.MULTILINE)


def opened(store: CaseStore, found: Finding) -> int:
    """Open a case about a finding."""
    with store.writing() as connection:
        return record(connection, [found], moment(0))[0].case


def decided(  # noqa: PLR0913 - the parts of a decision
    store: CaseStore,
    found: Finding | None = None,
    action: Action = "suspend",
    *,
    reason: str = "a script took all journals",
    ground: str = "Terms of use, 5.2",
    until: int | None = None,
    shadow: bool = False,
    author: Author = ANA,
) -> int:
    """Open a case, decide about it, and return the number of the case."""
    case = opened(store, found or finding())
    with store.writing() as connection:
        decide(connection, case, Ruling(action, reason, ground, until, shadow), by(author, 1))
    return case


def appealed(
    store: CaseStore, case: int, outcome: str, answer: str = "We looked again.", account: str = ""
) -> None:
    """Record an appeal and the answer of another person."""
    with store.writing() as connection:
        receive_appeal(connection, case, "not me", moment(16), by(ANA, 2), account)
        answer_appeal(connection, case, outcome, answer, by(BO, 3))  # type: ignore[arg-type] # a word of the type


def written(  # noqa: PLR0913, PLR0917 - the parts of a request
    store: CaseStore,
    case: int,
    language: Language = "en",
    settings: Settings = SETTINGS,
    decision: int | None = None,
    account: str = "",
) -> StatementOfReasons:
    """Return the statement about the last decision of a case, or about a given one."""
    with store.reading() as connection:
        number = decision or [row.id for row in decisions_of(connection, case)][-1]
        return statement(connection, number, language, settings, account)


def flat(text: str) -> str:
    """Return a text with every gap as one space."""
    return " ".join(text.split())


def of_kind(store: CaseStore, kind: StatementKind, found: Finding | None = None) -> int:
    """Return a case whose decision is at the point at which this text is due."""
    if kind in {"throttle", "challenge", "suspend"}:
        return decided(store, found, kind)  # type: ignore[arg-type] # an action
    if kind == "stolen-login":
        return decided(store, found, "challenge", reason=STOLEN, author=POLICY)
    case = decided(store, found, until=moment(30))
    if kind == "end":
        with store.writing() as connection:
            end_case(connection, case, "reinstate", "a mistake", by(BO, 2))
    else:
        appealed(store, case, kind, account=found.accounts[0])
    return case


@pytest.mark.parametrize("found", [finding(), ring("ann", "bob", "eve")], ids=["account", "ring"])
@pytest.mark.parametrize("kind", KINDS)
def test_both_languages_have_the_same_sections(
    store: CaseStore, kind: StatementKind, found: Finding
) -> None:
    """Every text exists in both languages, with the same numbered sections and paragraphs."""
    case = of_kind(store, kind, found)
    to = found.accounts[0]
    english, french = (written(store, case, code, account=to) for code in LANGUAGES)
    assert (english.kind, french.kind) == (kind, kind)
    assert english.text != french.text
    sections = [HEADING.findall(one.text) for one in (english, french)]
    assert sections[0] == sections[1] == [str(n + 1) for n in range(len(sections[0]))]
    assert len(sections[0]) >= 3
    shapes = [[len(part.split("\n\n")) for part in HEADING.split(one.text)[::2]]
              for one in (english, french)]  # fmt: skip
    assert shapes[0] == shapes[1]
    for one in (english, french):
        assert "Free Library" in one.text
        assert "appeals@library.example" in flat(one.text)
        assert max(map(len, one.text.splitlines())) <= 76


def test_a_suspended_person_can_understand_and_contest(store: CaseStore) -> None:
    """Action, duration, facts, automation, ground, reason and redress are in the text."""
    case = decided(store, finding(items=1_650), until=moment(30.5))
    text = flat(written(store, case).text)
    assert "We have suspended your account." in text
    assert "For the holder of the account ann" in text
    assert "from 3 March 2026, 00:00 UTC until 1 April 2026, 12:00 UTC" in text
    assert "Between 20 February 2026 and 2 March 2026 (UTC), your account took 1,650" in text
    assert "A program noticed this use" in text
    assert "A person looked at the facts and made the decision." in text
    assert "terms of use: Terms of use, 5.2" in text
    assert "“a script took all journals”" in text
    assert "A person who did not make this decision answers within 14 days." in text
    assert "court" in text


def test_a_decision_without_end_and_ground_says_so(store: CaseStore) -> None:
    """The text does not invent an end or a clause."""
    text = flat(written(store, decided(store, ground="")).text)
    assert "No end is set. It applies until we take it back." in text
    assert "The ground is our terms of use." in text


def test_a_decision_of_a_program_offers_a_person(store: CaseStore) -> None:
    """The text says that a program decided, and the right to a review by a person."""
    case = decided(store, reason="p-value 1e-9 by volume", author=POLICY)
    text = flat(written(store, case).text)
    assert "A program made the decision. No person has reviewed it yet." in text
    assert "You have the right to have a person review it" in text
    assert "wrote:" not in text
    french = flat(written(store, case, "fr").text)
    assert "Vous avez le droit de la faire réexaminer par une personne" in french


def test_a_person_who_decided_is_not_a_program(store: CaseStore) -> None:
    """The text about a person's decision still offers another person."""
    text = flat(written(store, decided(store)).text)
    assert "A program also made" not in text
    assert "ask for another person to review it" in text


@pytest.mark.parametrize("action", ["throttle", "challenge", "suspend"])
def test_a_stolen_login_is_not_a_sanction(store: CaseStore, action: Action) -> None:
    """The owner is told that somebody else may have used the login, and what to do."""
    case = decided(store, action=action, reason=f"{STOLEN} 3 new items per day before, 400 now.")
    one = written(store, case)
    text = flat(one.text)
    assert one.kind == "stolen-login"
    assert "somebody else may have used your login" in text
    assert "We do not accuse you of anything." in text
    assert "Set a new password" in text
    for word in ("suspended", "terms of use", "copying", "400", "3 new items"):
        assert word not in text


def test_the_answer_is_told_and_then_the_end(store: CaseStore) -> None:
    """After an appeal that was refused, the later end of the decision has a text of its own."""
    case = decided(store, until=moment(10))
    appealed(store, case, "upheld", "The logs show a script.")
    text = flat(written(store, case).text)
    assert "we uphold it." in text
    assert "“The logs show a script.”" in text
    assert "appeal on 4 March 2026, 00:00 UTC" in text
    assert "applies until 12 March 2026, 00:00 UTC" in text
    with store.writing() as connection:
        expire_decisions(connection, moment(11))
    assert written(store, case).kind == "end"
    assert "The decision has expired." in flat(written(store, case).text)


def test_an_appeal_that_is_granted_ends_the_decision(store: CaseStore) -> None:
    """The answer says that the decision was taken back, and when."""
    case = decided(store)
    appealed(store, case, "overturned")
    text = flat(written(store, case).text)
    assert "We have taken the decision back" in text
    assert "The decision ended on 5 March 2026, 00:00 UTC." in text


def test_an_answer_after_the_end_says_that_it_has_ended(store: CaseStore) -> None:
    """A decision whose time was over before the answer is not said to apply."""
    case = decided(store, until=moment(2.5))
    with store.writing() as connection:
        receive_appeal(connection, case, "not me", moment(16), by(ANA, 2))
        expire_decisions(connection, moment(2.5))
        answer_appeal(connection, case, "upheld", "It was right.", by(BO, 3))
    text = flat(written(store, case).text)
    assert "The decision has already ended, on 4 March 2026, 12:00 UTC." in text
    assert "still applies" not in text


def test_an_open_appeal_changes_nothing(store: CaseStore) -> None:
    """Until the answer, the statement of reasons is the text about a decision."""
    case = decided(store)
    with store.writing() as connection:
        receive_appeal(connection, case, "not me", moment(16), by(ANA, 2))
    assert written(store, case).kind == "suspend"


def test_a_decision_without_effect_has_no_statement(store: CaseStore) -> None:
    """Shadow decisions and those to observe are refused."""
    with pytest.raises(CasesError, match="shadow mode and had no effect"):
        written(store, decided(store, shadow=True))
    with pytest.raises(CasesError, match="observe has no effect"):
        written(store, decided(store, finding("bob"), "observe"))
    with pytest.raises(CasesError, match="there is no such decision"):
        written(store, 1, decision=99)


def test_a_replaced_decision_refers_to_the_new_one(store: CaseStore) -> None:
    """Nobody is told that a decision has ended while a stricter one applies."""
    case = decided(store, action="throttle")
    with store.writing() as connection:
        version = read_case(connection, case).version
        after = decide(
            connection, case, Ruling("suspend", "goes on", "5.2", None, False), by(BO, 2, version)
        )
        first = next(row.id for row in decisions_of(connection, case))
    with pytest.raises(CasesError, match=f"decision {after} has replaced it"):
        written(store, case, decision=first)
    assert written(store, case).kind == "suspend"


def test_a_decision_replaced_by_one_without_effect_has_ended(store: CaseStore) -> None:
    """If a person now only observes the account, its holder is told that the restriction ended."""
    case = decided(store)
    with store.writing() as connection:
        version = read_case(connection, case).version
        decide(connection, case, Ruling("observe", "wait", "5.2", None, False), by(BO, 2, version))
        first = next(row.id for row in decisions_of(connection, case))
    assert written(store, case, decision=first).kind == "end"


def test_a_ring_is_told_about_other_accounts_only(store: CaseStore) -> None:
    """The text about a ring has no name, no number of accounts, and no items of others."""
    found = ring("ann", "bob", "eve", name="ring-77", items=4_321)
    case = decided(store, found, reason="Bob runs all three. Each took a third.")
    text = flat(written(store, case).text)
    assert "your account and other accounts took items" in text
    for private in ("ann", "Bob", "eve", "ring-77", "4,321", "4321"):
        assert not re.search(rf"\b{private}\b", text)
    assert f"“{LEFT_OUT} Each took a third.”" in text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Your account took 1,208 different items."),
     ("fr", "Votre compte a pris 1 208 éléments différents.")],
)  # fmt: skip
def test_a_member_of_a_ring_is_told_its_own_items(
    store: CaseStore, language: Language, said: str
) -> None:
    """The text to one account has its name and its items, and not those of the others."""
    found = ring("ann", "bob", "eve", items=4_321, member_items=(977, 1_208, 2_300))
    case = decided(store, found)
    with store.reading() as connection:
        number = next(row.id for row in decisions_of(connection, case))
        text = flat(statement(connection, number, language, SETTINGS, "bob").text)
        with pytest.raises(CasesError, match="is not about this account"):
            statement(connection, number, language, SETTINGS, "zoe")
    assert said in text.replace("\u202f", " ").replace("\xa0", " ")
    assert "bob" in text
    for private in ("ann", "eve", "4,321", "4 321", "977", "2,300", "2 300"):
        assert not re.search(rf"\b{private}\b", text)


def test_another_account_of_the_store_is_not_named(store: CaseStore) -> None:
    """A sentence with the name of an account of another case is left out, in reason and answer."""
    opened(store, finding("other-user"))
    case = decided(store, reason="The same script as other-user. It ran at night, ann said.")
    text = flat(written(store, case).text)
    assert "other-user" not in text
    assert f"“{LEFT_OUT} It ran at night, ann said.”" in text
    appealed(store, case, "upheld", "We believe other-user; you are wrong.")
    assert f"“{LEFT_OUT} you are wrong.”" in flat(written(store, case).text)


@pytest.mark.parametrize(
    "words",
    ["Same device as bob's login.", "The card of Jane Doe.", "Knows BOB", "Uses bob/cyn.",
     "See carl@x.org's mail", "«bob»", "bob’s", "jane   doe"],
)  # fmt: skip
def test_whatever_stands_around_a_name_it_is_left_out(store: CaseStore, words: str) -> None:
    """Neither the reason nor the ground names an account of any other case."""
    for found in (ring("bob", "Jane Doe", "cyn"), finding("carl@x.org")):
        opened(store, found)
    case = opened(store, finding())
    with store.writing() as connection:
        order = Ruling("suspend", words, f"terms 5.2. {words}", shadow=False)
        decide(connection, case, order, by(ANA, 1))
    text = flat(written(store, case).text).casefold()
    for name in ("bob", "jane doe", "carl@x.org", "cyn"):
        assert name not in text
    assert "terms 5.2" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("李雷", "和李雷一样"), ("김철수", "김철수는 같은 기기"), ("สมชาย", "เหมือนสมชายเลย"),
        ("Jürgen", "Wie Ju\u0308rgen."), ("Ju\u0308rgen", "Wie JÜRGEN."),
        ("O'Neil", "As O\u2019Neil."),
        ("O\u2019Neil", "As o'neil's."), ("bob.smith@example.org", "As bob.smith did."),
        ("bob.smith+news@example.org", "As bob.smith did."),
        ("jsmith@uni.edu", "Shares it with jsmith."),
        ("user_7", "All user_7s."), ("user_7", "Kuten user_7ssa."), ("straße", "STRASSE"),
        ("Ⅷ-reader", "VIII-reader"), ("bob", "Two bobs."), ("ﬁn-1", "fin-1"),
        ("user-7", "As user\u20117."), ("bob.smith", "As bob.\u200bsmith."),
        ("İpek", "As ipek."), ("D'Arc", "As D\u2032Arc."),
    ],
)  # fmt: skip
def test_a_name_in_another_spelling_is_left_out(store: CaseStore, name: str, words: str) -> None:
    """Scripts without spaces, marks that are signs of their own, apostrophes, and endings."""
    opened(store, finding(name))
    case = decided(store, reason=f"First. {words.rstrip('.')}. Last.")
    assert f"“First. {LEFT_OUT} Last.”" in flat(written(store, case).text)


@pytest.mark.parametrize(
    ("name", "words"),
    [("ann", "The annual report."), ("user_7", "As user_71 did."), ("bob", "A bobbin."),
     ("7", "Of 71 items."), ("li@x.org", "In the Li valley."),
     ("library@uni.edu", "Our library rules."), ("info@x.org", "Write to info@example.org."),
     ("info+bob@x.org", "Write to info@example.org.")],
)  # fmt: skip
def test_a_longer_word_is_no_name(name: str, words: str) -> None:
    """A name that is a part of a word says nothing about an account."""
    assert screened(words, [name]) == words


def test_a_reviewer_who_repeats_the_evidence_gives_no_recipe_away(
    store: CaseStore,
) -> None:
    """A sentence of the evidence is left out of the letter, and the person's own words stay."""
    reason = "Took 900 items on its busiest day. It ran at night."
    text = flat(written(store, decided(store, reason=reason)).text)
    assert "busiest day" not in text
    assert f"“{LEFT_OUT} It ran at night.”" in text


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("The p-value is 1e-9. It ran at night.", f"{LEFT_OUT} It ran at night."),
        ("P value of 0.001", LEFT_OUT),
        ("Clear: p < 0.001. It ran on page p. 9.", f"{LEFT_OUT} It ran on page p. 9."),
        ("la valeur p est petite", LEFT_OUT),
        ("9.3E-12 is rare. above the threshold", LEFT_OUT),
        ("Found by pace. All pages of each journal.", f"{LEFT_OUT} All pages of each journal."),
        ("Every space is fine.", "Every space is fine."),
        ("one\n two\tthree", "one two three"),
        ("\x1b[31mred\u202e", "\\u{1b}[31mred\\u{202e}"),
    ],
)
def test_words_of_the_detection_are_left_out(words: str, kept: str) -> None:
    """A sentence with a p-value, threshold or test is left out. Control characters are shown."""
    assert screened(words, ["pace"]) == kept


def test_hostile_text_is_plain(store: CaseStore) -> None:
    """Markup and template code in reason, ground and account stay text, and no line is forged."""
    case = decided(
        store,
        finding("<b>x</b>\n9. Pay\x1b[2J"),
        reason="{{ 7 * 7 }} <script>\n1. Send money",
        ground="{% raw %}\u202e5.2\x07",
    )
    text = written(store, case).text
    assert "<b>x</b> 9. Pay\\u{1b}[2J" in flat(text)
    assert "“{{ 7 * 7 }} <script> 1. Send money”" in flat(text)
    assert "{% raw %}\\u{202e}5.2\\u{7}" in text
    assert all(one.isprintable() or one in "\n\u00a0" for one in text)
    assert HEADING.findall(text) == ["1", "2", "3", "4", "5"]


TESTS = sorted({one.name for one in built_in_tests()} | {"collision", "lockstep", "crowd"})

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12).map(
    lambda text: f"Zq{text}qZ"
)
"""Names that are not words of a text, with anything inside."""


@st.composite
def hostile_findings(draw: st.DrawFn) -> Finding:
    """Return a finding about an account or a ring, whose evidence names everything."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    evidence = tuple(
        Evidence(test, 1.0, 1.0, 3e-08, f"{test}, p-value 3e-08, with {names}")
        for test in draw(st.lists(st.sampled_from(TESTS), min_size=1, max_size=3))
    )
    if draw(st.booleans()):
        return ring(*names, name="ring-Zq", evidence=evidence)
    return finding(names[0], evidence=evidence)


@st.composite
def careless_words(draw: st.DrawFn, found: Finding) -> str:
    """Return the words of a reviewer who names other accounts, tests and p-values."""
    named = [*found.accounts, found.id, *(one.test for one in found.evidence), "p-value 3e-08"]
    if found.kind == "account":
        named = ["other-Zq", *named[2:]]
    parts = draw(st.lists(st.sampled_from([*named, "It ran at night.", "so; as"]), min_size=1))
    return draw(st.sampled_from([" ", ". ", "\n", ", "])).join(parts)


class UndoError(Exception):
    """Take back everything that an example has written."""


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_nobody_else_and_no_detection_is_in_a_text(store: CaseStore, data: st.DataObject) -> None:
    """No text names another account, a test or a p-value, whatever is in names and reasons."""
    found = data.draw(hostile_findings())
    by_machine = data.draw(st.booleans())
    reason, answer = data.draw(careless_words(found)), data.draw(careless_words(found))
    language = data.draw(st.sampled_from(LANGUAGES))
    with suppress(UndoError), store.writing() as connection:
        case = record(connection, [found, finding("other-Zq")], moment(0))[0].case
        order = Ruling("suspend", reason, "5.2", None, shadow=False)
        number = decide(connection, case, order, by(POLICY if by_machine else ANA, 1))
        texts = [statement(connection, number, language, SETTINGS).text]
        receive_appeal(connection, case, "not me", moment(16), by(ANA, 2), found.accounts[0])
        answer_appeal(connection, case, "upheld", answer, by(BO, 3))
        texts.append(statement(connection, number, language, SETTINGS, found.accounts[0]).text)
        raise UndoError
    own = flat(plain_text(found.accounts[0]))
    for text in (flat(one).replace(own, "") for one in texts):
        assert "zq" not in text.casefold()
        assert not re.search(r"p-value|valeur p|\de-\d", text)
        assert not re.search(rf"\b({'|'.join(TESTS)})\b", text, re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_do_not_describe_the_detection(language: Language) -> None:
    """No built-in template has the name of a test or a measure of it."""
    for path in (TEMPLATES / language).glob("*.j2"):
        words = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"))
        assert not re.search(rf"\b({'|'.join(TESTS)})\b", words, re.IGNORECASE), path
        assert screened(words, TESTS) == " ".join(words.split()), path


def test_french_is_written_as_french_is(store: CaseStore) -> None:
    """Months, the first of a month, hours, thousands, and spaces before signs are French."""
    found = finding(items=1_650, first=at(-1), last=at(180))
    case = decided(store, found, until=moment(163))
    text = written(store, case, "fr").text
    assert "1er\u00a0mars\u00a02026" in text
    assert "29\u00a0août\u00a02026" in text
    assert "12\u00a0août\u00a02026 à 0\u00a0h\u00a000\u00a0UTC" in text
    assert "1\u202f650 éléments différents" in flat(text).replace("1 650", "1\u202f650")
    assert "«\u00a0a script took all journals\u00a0»" in text
    assert not re.search(r"(?<!\u00a0):(?!//)(?!\d)", text)
    assert not re.search(r"[a-zéè]'[a-z]|\b(January|March|August|items?|account)\b", text)


def test_days_and_numbers_in_words() -> None:
    """Both languages have twelve months, and times are UTC whatever the zone."""
    zone = timezone(timedelta(hours=5, minutes=30))
    time = datetime(2026, 12, 1, 3, 5, tzinfo=zone)
    assert minute_in_words(time, "en") == "30\u00a0November\u00a02026, 21:35\u00a0UTC"
    assert minute_in_words(time, "fr") == (
        "30\u00a0novembre\u00a02026 à 21\u00a0h\u00a035\u00a0UTC"
    )
    for language in LANGUAGES:
        months = {day_in_words(datetime(2026, n, 2, tzinfo=UTC), language) for n in range(1, 13)}
        assert len(months) == 12
    assert (count_in_words(1_234_567, "en"), count_in_words(12, "fr")) == ("1,234,567", "12")


@pytest.mark.parametrize("items", [0, 1, 2])
def test_a_single_item_is_singular(store: CaseStore, items: int) -> None:
    """English has one singular, French two."""
    case = decided(store, finding(items=items))
    assert ("1 different item from" in flat(written(store, case).text)) is (items == 1)
    french = flat(written(store, case, "fr").text)
    assert ("élément différent de" in french) is (items < 2)


def own_settings(folder: Path) -> Settings:
    """Return settings with a folder for own templates."""
    return Settings(statements={**SETTINGS.statements.model_dump(), "templates": str(folder)})


def test_own_templates_come_first(store: CaseStore, tmp_path: Path) -> None:
    """A template of the operator replaces the built-in one, and can build on it."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en/suspend.txt.j2").write_text(
        '{% extends "en/_decision.txt.j2" %}{% block measure %}No more {{ account }}.{% endblock %}'
    )
    case = decided(store)
    text = written(store, case, settings=own_settings(tmp_path)).text
    assert "No more ann." in text
    assert "5. If you disagree" in text
    french = written(store, case, "fr", own_settings(tmp_path)).text
    assert french == written(store, case, "fr").text


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{% if %}", "en/suspend.txt.j2, line 1"),
        ("{{ p_value }}", "'p_value' is undefined"),
        ("{{ 1 / 0 }}", "division by zero"),
        ('{% include "en/none.txt.j2" %}', "none.txt.j2"),
        (b"\xff", "cannot be filled in"),
    ],
)
def test_a_wrong_own_template_is_one_line(
    store: CaseStore, tmp_path: Path, template: str | bytes, problem: str
) -> None:
    """The error names the setting and the template."""
    (tmp_path / "en").mkdir()
    content = template if isinstance(template, bytes) else template.encode()
    (tmp_path / "en/suspend.txt.j2").write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        written(store, decided(store), settings=own_settings(tmp_path))
    assert str(refused.value).startswith("statements.templates: ")
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_misplaced_own_template_is_refused(store: CaseStore, tmp_path: Path) -> None:
    """A template that would never be used is an error, and so is a folder that is not there."""
    case = decided(store)
    (tmp_path / "suspend.txt.j2").write_text("hello")
    with pytest.raises(SettingsError, match="j2 is not the name of a template"):
        written(store, case, settings=own_settings(tmp_path))
    with pytest.raises(SettingsError, match="none is not a folder"):
        written(store, case, settings=own_settings(tmp_path / "none"))


@pytest.mark.parametrize("name", ["service", "contact"])
def test_a_missing_setting_is_one_line(store: CaseStore, name: str) -> None:
    """Without service or contact there is no text, and the error says what to set."""
    values = {**SETTINGS.statements.model_dump(), name: " "}
    line = f"statements.{name}: is not set, and a statement needs it (set it in ringfence.toml)"
    with pytest.raises(SettingsError, match=re.escape(line)):
        written(store, decided(store), settings=Settings(statements=values))


@pytest.mark.parametrize(
    ("section", "what"),
    [
        ({"language": "de"}, "statements.language: must be one of en or fr"),
        ({"service": "a\nb"}, "statements.service: must be one line"),
        ({"contakt": "x"}, "statements.contakt: there is no such setting"),
    ],
)
def test_a_wrong_setting_is_one_line(section: dict[str, str], what: str) -> None:
    """Settings are checked when they are read."""
    with pytest.raises(SettingsError, match=re.escape(what)) as refused:
        Settings(statements=section)
    assert "\n" not in str(refused.value)


TOML = """
[cases]
url = "cases.sqlite"
[statements]
service = "Free Library"
contact = "appeals@library.example"
language = "fr"
"""


def test_the_command_prints_a_text(run: Run, tmp_path: Path) -> None:
    """The language comes from the settings or the option; --json has the text and its kind."""
    (tmp_path / "ringfence.toml").write_text(TOML)
    with open_store(str(tmp_path / "cases.sqlite")) as store:
        case = decided(store)
        opened(store, finding("bob"))
    done = run("case", "statement", "ann")
    assert done.returncode == 0, done.stderr
    assert "Nous avons suspendu votre compte." in flat(done.stdout)
    document = json.loads(run("case", "statement", "ann", "--language", "en", "--json").stdout)
    assert {**document, "text": ""} == {
        "case": case, "decision": 1, "kind": "suspend", "language": "en", "text": "",
    }  # fmt: skip
    assert document["text"] == run("case", "statement", "1", "--language", "en").stdout
    for words, problem in [
        (("ann", "--language", "de"), "--language: de is not a language of statements"),
        (("ann", "--decision", "7"), "case 1: has no decision 7 (decisions: 1)"),
        (("bob",), "case 2: nothing was decided"),
    ]:
        refused = run("case", "statement", *words)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert problem in refused.stderr
        assert refused.stderr.count("\n") == 1
