"""The page says what was found, plainly, and nothing in it can do harm."""

import dataclasses
import re
import time
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.report import sample

from ringfence.errors import OutputError
from ringfence.model.case_status import CaseStatus
from ringfence.model.details import AccountDetails, ItemDetails
from ringfence.model.finding import Finding
from ringfence.page_templates import page_url
from ringfence.report import Contents, write_html

VOID = {"meta", "img", "br", "hr", "input", "link", "wbr"}


class Page(HTMLParser):
    """A page taken apart: elements with their attributes, text, and whether tags match."""

    def __init__(self, html: str) -> None:
        """Take a page apart."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text, except that of the style sheet."""
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All text, with any run of spaces as one."""
        return " ".join("".join(self.words).split())

    def attributes(self, name: str) -> list[str]:
        """Return every value of an attribute."""
        return [str(attributes[name]) for _, attributes in self.elements if name in attributes]


def written(contents: Contents, tmp_path: Path) -> Page:
    """Write a report and take it apart."""
    path = tmp_path / "report.html"
    write_html(contents, path)
    return Page(path.read_text(encoding="utf-8"))


def test_the_first_screen_says_what_was_found_and_how_sure(tmp_path: Path) -> None:
    """Two sentences, with the numbers of the scan."""
    text = written(sample.contents(), tmp_path).text
    assert "2 of 20,000 accounts extract the catalogue." in text
    assert "At this setting, at most one scan in 100 accuses an honest account." in text
    assert "2 accounts are suspect and worth a review" in text


def test_one_account_extracts_in_the_singular(tmp_path: Path) -> None:
    """Grammar follows the number."""
    text = written(sample.contents((sample.finding(),)), tmp_path).text
    assert "1 of 20,000 accounts extracts the catalogue." in text
    assert "worth a review" not in text


def test_everything_the_scan_said_is_on_the_page(tmp_path: Path) -> None:
    """Table, evidence, robots, assumptions, what was not counted and what could not run."""
    text = written(sample.contents(), tmp_path).text
    for words in (
        "u-10442",
        "It took 50,000 distinct items",
        "1 in 10 million users",
        "3 × 10⁻⁹",
        "Googlebot",
        "events.format",
        "not-a-line-of-this-format",
        "static-asset",
        "needs the group of each item",
        "track-01000000",
        "python-requests/2.31",
        "12 networks",
        "expected false",
        "appeal",
        "derived from the events",
        "0.1.0",
    ):
        assert words in text, words


def test_the_number_of_clients_is_beside_that_of_networks(tmp_path: Path) -> None:
    """An address may be one person or a campus; the number of clients tells."""
    shown = dataclasses.replace(sample.profile(), clients_in_all=1_240)
    text = written(sample.contents((sample.finding(shown=shown),)), tmp_path).text
    assert "Seen from 12 networks, with 1,240 clients." in text.replace("\N{NO-BREAK SPACE}", " ")


def test_several_clients_are_a_list(tmp_path: Path) -> None:
    """Each client has its own line, so that no separator stands alone on a narrow screen."""
    several = dataclasses.replace(sample.finding(), clients=("one", "two", "three"))
    path = tmp_path / "report.html"
    write_html(sample.contents((several,)), path)
    found = re.search(r'<ul class="note clients">(.*?)</ul>', path.read_text("utf-8"), re.DOTALL)
    assert found is not None
    assert found[1].count("<li>") == 3
    assert ";" not in found[1]


@pytest.mark.parametrize("verified", [True, False])
def test_names_of_robots_that_are_not_verified_name_the_setting(
    tmp_path: Path, *, verified: bool
) -> None:
    """The section about declared robots says which setting verifies their names."""
    robots = (("192.0.2.7 a", "Googlebot", 4, 5, True), ("192.0.2.8 b", "bingbot", 3, 3, verified))
    contents = dataclasses.replace(sample.contents(), robots=robots)
    text = written(contents, tmp_path).text
    assert ("robots.networks" in text) == (not verified)


def test_the_case_of_a_finding_is_on_the_page(tmp_path: Path) -> None:
    """The table says what is new, known since when, or what has changed, as harmless text."""
    opened = datetime(2026, 3, 2, tzinfo=UTC)
    cases = (
        CaseStatus(7, "new", opened, "open", ""),
        CaseStatus(8, "known", opened, "dismissed", ""),
        CaseStatus(9, "changed", opened, "open", "The ring <b>grew</b>."),
    )
    found = tuple(dataclasses.replace(sample.finding(), case=case) for case in cases)
    page = written(sample.contents(found), tmp_path)
    for words in ("7: new", "8: known since 2 March 2026", "9: changed", "The ring <b>grew</b>."):
        assert words in page.text.replace("\N{NO-BREAK SPACE}", " "), words
    assert "last active" in page.text
    assert "known since" not in written(sample.contents(), tmp_path).text


def test_sentences_come_before_plots(tmp_path: Path) -> None:
    """In a page of evidence the reviewer reads before looking."""
    path = tmp_path / "report.html"
    write_html(sample.contents((sample.finding(shown=sample.profile()),)), path)
    html = path.read_text(encoding="utf-8")
    section = html[html.index('id="finding-1"') :]
    places = [
        section.index(w) for w in ("It took 50,000", "Of 50,000 uses", "Uses over time", "Some of")
    ]
    assert places == sorted(places)


def test_evidence_of_honest_use_is_apart_from_evidence_of_extraction(tmp_path: Path) -> None:
    """Each kind stands under its heading, with the evidence of extraction first."""
    usual = dataclasses.replace(sample.evidence(1)[0], p_value=0.8, sentence="It returns often.")
    unclear = dataclasses.replace(usual, p_value=0.2, sentence="It sleeps.")
    finding = dataclasses.replace(sample.finding(), evidence=(*sample.evidence(2), unclear, usual))
    text = written(sample.contents((finding,)), tmp_path).text
    order = ["Evidence of extraction", "It took 50,000", "Evidence of honest use",
             "It returns often.", "Evidence of neither", "It sleeps."]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.parametrize(("p_value", "explained"), [(1e-30, True), (1e-4, False)])
def test_a_test_rarer_than_the_finding_is_explained(
    p_value: float, explained: bool, tmp_path: Path
) -> None:
    """The floor of a family is explained where a test shows less than the finding, only there."""
    evidence = dataclasses.replace(sample.evidence(1)[0], p_value=p_value)
    finding = dataclasses.replace(sample.finding(p_value=3e-9), evidence=(evidence,))
    text = written(sample.contents((finding,)), tmp_path).text
    assert ("a single test can show a smaller p-value than the finding" in text) is explained


def test_what_members_share_comes_before_the_charts(tmp_path: Path) -> None:
    """A reviewer sees shared devices and sign-ups without scrolling past six charts."""
    text = written(sample.contents((sample.ring(),)), tmp_path).text
    assert text.index("Attributes that members share") < text.index("Items of each member")


def test_the_columns_of_findings_are_explained_below_them(tmp_path: Path) -> None:
    """Each abbreviated heading has its meaning in the line below the table."""
    text = written(sample.contents(), tmp_path).text
    note = text[text.index("of catalogue: share of") :]
    for heading in ("of catalogue: ", "of use: ", "p-value: ", "expected false: "):
        assert heading in note


def test_every_link_leads_somewhere_on_the_page(tmp_path: Path) -> None:
    """Links are to findings on this page only, and each has its place."""
    page = written(sample.contents(), tmp_path)
    links = page.attributes("href") + page.attributes("xlink:href")
    places = page.attributes("id")
    assert len(places) == len(set(places))
    assert set(links) == {f"#finding-{n}" for n in range(1, 5)}
    assert {link.removeprefix("#") for link in links} <= set(places)


def test_the_page_is_whole_by_itself(tmp_path: Path) -> None:
    """No script, no resource from elsewhere, and a policy that forbids both."""
    page = written(sample.contents(), tmp_path)
    fetching = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image"}
    assert not fetching & {tag for tag, _ in page.elements}
    assert not page.attributes("src")
    assert any("default-src 'none'" in content for content in page.attributes("content"))
    assert not any("url(" in text or "@import" in text for text in page.attributes("style"))


def test_the_page_can_be_heard(tmp_path: Path) -> None:
    """Language, one heading on top, scopes in tables, a label on every drawing."""
    page = written(sample.contents(), tmp_path)
    assert ("html", {"lang": "en"}) in page.elements
    assert [tag for tag, _ in page.elements].count("h1") == 1
    assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")
    drawings = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert len(drawings) == 2 + 3 * 4
    assert all(d.get("role") == "img" and d.get("aria-label") for d in drawings)


ACCOUNT_PAGE = "https://admin.example.org/users/{account}?tab=uses&from=report"


def hostile_everywhere(text: str) -> Contents:
    """Return contents with one hostile text in every place that takes text."""
    profile = dataclasses.replace(sample.profile(), clients=((text, 3),), standing=((text, 0.5),))
    details = AccountDetails(text, text, text, text, url=page_url(ACCOUNT_PAGE, text))
    items = (ItemDetails(text, text, text, text, page_url(ACCOUNT_PAGE, text)),)
    evidence = tuple(dataclasses.replace(e, test=text, sentence=text) for e in sample.evidence(2))
    finding = dataclasses.replace(
        sample.finding(text, shown=profile, taken=items, details=details),
        evidence=evidence, action=text, accounts=(text, text),
    )  # fmt: skip
    ring = sample.ring_profile(3, names=(text,))
    ring = dataclasses.replace(
        ring, members=tuple(dataclasses.replace(one, details=details) for one in ring.members)
    )
    found = (finding, dataclasses.replace(finding, kind="ring"))
    return dataclasses.replace(
        sample.contents((*found, dataclasses.replace(found[1], ring=ring, profile=None))),
        title=text, version=text, catalogue_note=text, counts={text: 1, "accounts": 20},
        quarantine={text: 1}, not_takes={text: 1}, assumptions=((text, text, text),),
        robots=((text, text, 1, 1, False),), tests_not_run=((text, text),), notes=(text,),
    )  # fmt: skip


@pytest.mark.parametrize("text", sample.HOSTILE)
def test_hostile_text_makes_no_element_and_no_attribute(text: str, tmp_path: Path) -> None:
    """Whatever the text says, the page has the elements it has with a harmless text."""
    harmless, hostile = (
        written(hostile_everywhere(word), tmp_path) for word in ("h" * len(text), text)
    )
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in harmless.elements]
    assert [set(a) for _, a in hostile.elements] == [set(a) for _, a in harmless.elements]


def test_markup_from_outside_does_not_survive(tmp_path: Path) -> None:
    """The two classics are nowhere in the file as markup, and control signs are nowhere at all."""
    path = tmp_path / "report.html"
    hidden = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
    for text in sample.HOSTILE:
        write_html(hostile_everywhere(text), path)
        html = path.read_text(encoding="utf-8")
        assert not re.search(r"<script|<img|<svg on", html)
        assert not re.search(hidden, html)


def test_template_language_from_outside_is_not_run(tmp_path: Path) -> None:
    """An id in the template's own language is shown as it is."""
    assert "{{ 7 * 7 }}" in written(hostile_everywhere("{{ 7 * 7 }}"), tmp_path).text


def test_endless_ids_are_cut(tmp_path: Path) -> None:
    """Ids of ten thousand signs in every place do not make a page nobody can load."""
    page = written(hostile_everywhere("x" * 10_240), tmp_path)
    assert "x" * 1001 not in page.text
    assert max(map(len, page.attributes("title"))) == 1000


def test_no_findings_are_said_calmly_and_the_whole_is_shown(tmp_path: Path) -> None:
    """Without a finding the curve and the population are still there."""
    page = written(sample.contents(()), tmp_path)
    assert (
        "None of 20,000 accounts extracts the catalogue, as far as this scan can tell." in page.text
    )
    assert "No account stands out." in page.text
    assert [tag for tag, _ in page.elements].count("svg") == 2


def test_an_empty_log_is_not_a_clean_bill(tmp_path: Path) -> None:
    """Where nothing was scored the page says so and what the lines were instead."""
    text = written(sample.contents(empty=True), tmp_path).text
    assert "There was no account to judge" in text
    assert "No account stands out." not in text
    assert "not-a-line-of-this-format3" in text


def test_a_log_of_unreadable_lines_promises_nothing_and_names_the_reasons(tmp_path: Path) -> None:
    """Without an account there is no error rate; the reasons come first, then what to check."""
    text = written(sample.contents(empty=True), tmp_path).text
    assert "There was no account to judge: no line of these sources could be read." in text
    assert "At this setting" not in text
    assert "Every line was quarantined: 3 not-a-line-of-this-format. Check the format" in text
    assert "item rule" not in text


def test_a_log_without_items_names_the_reasons_and_the_item_rule(tmp_path: Path) -> None:
    """The commonest reasons come first; lines in quarantine are not all of the lines."""
    contents = dataclasses.replace(
        sample.contents(empty=True), not_takes={"no-item": 5, "static-asset": 1_200}
    )
    text = written(contents, tmp_path).text
    assert "1,205 events without an item: 1,200 static-asset, 5 no-item. Check the item" in text
    assert "Every line was quarantined" not in text


def test_a_log_of_declared_robots_has_nothing_to_check(tmp_path: Path) -> None:
    """Robots took items, so neither the format nor the item rule is wrong."""
    robots = sample.contents().robots
    contents = dataclasses.replace(sample.contents(empty=True), robots=robots)
    text = written(contents, tmp_path).text
    assert "Only declared robots used the catalogue." in text
    assert "Check the" not in text


def test_the_page_says_how_findings_are_ordered(tmp_path: Path) -> None:
    """A ring can come before an account with a smaller p-value; the order is by expected false."""
    text = written(sample.contents(), tmp_path).text
    assert "ordered by how many honest accounts are expected to look like this" in text
    assert "most certain" not in text


def test_evidence_has_one_colour_per_section(tmp_path: Path) -> None:
    """Weak evidence of extraction looks like strong evidence there, and unlike that of use."""
    strong = sample.evidence(1)[0]
    weak, usual = (dataclasses.replace(strong, p_value=p) for p in (0.04, 0.8))
    finding = dataclasses.replace(sample.finding(), evidence=(strong, weak, usual))
    page = written(sample.contents((finding,)), tmp_path)
    classes = [(tag, attributes.get("class")) for tag, attributes in page.elements]
    assert [kind for tag, kind in classes if tag == "ol"] == ["evidence against", "evidence"]
    assert {kind for tag, kind in classes if tag == "li"} == {None}


def test_the_name_of_a_setting_breaks_after_dots_and_underscores(tmp_path: Path) -> None:
    """A narrow column breaks a long name between its words, and other text as before."""
    names = ("verdicts.reference_distribution", "--catalogue <FILE>")
    assumed = tuple(("subject", "value", name) for name in names)
    contents = dataclasses.replace(sample.contents(()), assumptions=assumed)
    written(contents, tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<code>verdicts.<wbr>reference_<wbr>distribution</code>" in html
    assert "<code>--catalogue &lt;FILE&gt;</code>" in html


def test_a_finding_without_a_profile_has_its_sentences(tmp_path: Path) -> None:
    """No plots, but the evidence and a place for its link."""
    page = written(sample.contents((sample.finding(),)), tmp_path)
    assert "finding-1" in page.attributes("id")
    assert "It took 50,000 distinct items" in page.text
    assert "Uses over time" not in page.text


def test_an_empty_profile_draws_nothing(tmp_path: Path) -> None:
    """A profile in which everything is absent leaves no empty frames."""
    empty = sample.Profile(days=(), week=(0,) * 168, popularity=(), standing=())
    page = written(sample.contents((sample.finding(shown=empty),)), tmp_path)
    assert [tag for tag, _ in page.elements].count("figure") == 2


def test_a_ring_counts_as_its_accounts(tmp_path: Path) -> None:
    """A ring is one row, and as many accounts as it has."""
    names = tuple(f"m{n}" for n in range(70))
    ring = dataclasses.replace(sample.finding("ring-1"), kind="ring", accounts=names)
    text = written(sample.contents((ring,)), tmp_path).text
    assert "70 of 20,000 accounts extract" in text
    assert "Ring of 70 accounts" in text
    assert "10 more in findings.jsonl" in text


def test_the_page_of_a_ring_has_its_proof(tmp_path: Path) -> None:
    """Incidence beside those of others, expected and observed, slices, growth, links, members."""
    page = written(sample.contents((sample.ring(),)), tmp_path)
    for words in (
        "Its 25 accounts have 0 items in common",
        "the probability that any group of independent accounts in this scan has as few items in",
        "members: the probability that a group of honest accounts of this size has as many",
        "13 of its 25 accounts are findings by their own evidence",
        "Items of each member",
        "240 of the 7,500 items that they hold",
        "25 other accounts with holdings of similar size hold 7,250 items",
        "They have 9,120 items in common, summed over pairs",
        "Items in common: 0 observed, 1,990 expected, over all pairs of members",
        "members that had begun, of 25",
        "items held, of 7,500",
        "never evidence alone",
        "device-1: 9 of 11",
        "member-24",
        "2025-06-02 03:00",
    ):
        assert words in page.text, words
    assert [tag for tag, _ in page.elements].count("svg") == 2 + 6
    assert "Accounts: member-0" not in page.text


def test_members_say_what_they_share(tmp_path: Path) -> None:
    """The first nine share a device and their lines say so; without any there is no such column."""
    ring = sample.ring()
    text = written(sample.contents((ring,)), tmp_path).text
    lines = text[text.index("Members, in order of") :]
    assert lines.count("device device-1") == 9
    assert ring.ring is not None
    members = tuple(dataclasses.replace(one, shares=()) for one in ring.ring.members)
    alone = dataclasses.replace(ring, ring=dataclasses.replace(ring.ring, members=members))
    assert "shares with other members" not in written(sample.contents((alone,)), tmp_path).text


def test_evidence_of_a_ring_is_not_told_as_of_users(tmp_path: Path) -> None:
    """On the page of a member that is a finding what it has in common is its own."""
    ring, member = sample.ring(3), sample.finding("member-1")
    member = dataclasses.replace(member, evidence=(*sample.evidence(1), ring.evidence[0]))
    text = written(sample.contents((member,)), tmp_path).text
    assert "volume: seen in 1 in 10 million users" in text
    assert (
        "collision: the probability that an independent account has as few items in common" in text
    )
    assert "trillion users" not in text


def test_members_lead_to_their_own_evidence(tmp_path: Path) -> None:
    """A member that is a finding by itself links to its page, others to nothing."""
    ring = sample.ring(names=("u-10442",))
    page = written(sample.contents((ring, sample.finding())), tmp_path)
    row = page.text[page.text.index("Members, in order of") :]
    assert row.index("u-10442") < row.index("member-1")
    table_and_member = page.attributes("href").count("#finding-2")
    assert table_and_member == 2
    assert page.attributes("href").count("#finding-1") == 1


def test_a_ring_in_lockstep_is_told_in_its_own_words(tmp_path: Path) -> None:
    """A lockstep ring has more in common than expected, and its words say so."""
    ring = sample.ring()
    assert ring.ring is not None
    growth = tuple(dataclasses.replace(one, expected=float("nan")) for one in ring.ring.growth)
    lockstep = dataclasses.replace(
        ring,
        ring=dataclasses.replace(ring.ring, test="lockstep", growth=growth),
        evidence=(dataclasses.replace(ring.evidence[0], test="lockstep", observed=9_000.0),),
    )
    text = written(sample.contents((lockstep,)), tmp_path).text
    assert "has as many takes at the same times" in text
    assert "Items taken at the same time: 9,000 observed, 1,990 expected" in text
    assert "Dots far above the line are evidence of lockstep" in text
    assert "accounts that act as one hold the same" in text
    assert not re.search("divi(de|sion of) the work", text)
    assert "expected for independent accounts" not in text


def test_a_ring_of_one_day_has_no_curves(tmp_path: Path) -> None:
    """A single point in time is not drawn as growth."""
    ring = sample.ring()
    assert ring.ring is not None
    short = dataclasses.replace(ring.ring, growth=ring.ring.growth[:1], links=())
    page = written(sample.contents((dataclasses.replace(ring, ring=short),)), tmp_path)
    assert "Growth" not in page.text
    assert "Attributes that members share" not in page.text
    assert [tag for tag, _ in page.elements].count("svg") == 2 + 4


def test_the_page_of_a_large_ring_stays_small(tmp_path: Path) -> None:
    """A thousand members take under a megabyte; those not listed are counted."""
    page = written(sample.contents((sample.ring(1_000),)), tmp_path)
    assert "800 more members in findings.jsonl" in page.text
    assert "(the 40 with the largest holdings)" in page.text
    assert "member-199" in page.text
    assert "member-200" not in page.text
    assert (tmp_path / "report.html").stat().st_size < 1_000_000


def test_a_long_list_is_cut_and_says_so(tmp_path: Path) -> None:
    """Beyond 200 findings the page counts and names the file that has them."""
    findings = tuple(sample.finding(f"u{n}") for n in range(203))
    page = written(sample.contents(findings), tmp_path)
    assert "3 more findings in findings.jsonl" in page.text
    assert "203 of 20,000 accounts extract" in page.text


def test_a_hundred_pages_of_evidence_are_small_and_quick(tmp_path: Path) -> None:
    """A hundred findings, ten of them rings, take under 2 MB and 2 s of processor time.

    The benchmark ``report_pages`` measures 0.3 s; the rest is for slow machines.
    """
    findings: tuple[Finding, ...] = tuple(
        sample.finding(f"u{n}", shown=sample.profile(n, days=90))
        if n % 10
        else dataclasses.replace(sample.ring(50), id=f"ring-{n}")
        for n in range(100)
    )
    write_html(sample.contents(()), tmp_path / "report.html")  # loads the code
    begun = time.process_time()
    write_html(sample.contents(findings), tmp_path / "report.html")
    assert time.process_time() - begun < 2
    assert (tmp_path / "report.html").stat().st_size < 2_000_000


def test_a_report_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    """A place that is a directory is an OutputError with the place in it."""
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OutputError, match=r"report\.html: cannot be written: A folder or pipe"):
        write_html(sample.contents(()), tmp_path / "report.html")


def known_account() -> Finding:
    """Return a finding with a name, a plan and a link, whose items have titles and links."""
    page = "https://admin.example.org/users/{account}?a=1&b=2"
    return sample.finding(
        "u-7",
        shown=sample.profile(),
        details=AccountDetails("Ann Example", "gold", "", "active", None, page_url(page, "u 7")),
        taken=(
            ItemDetails("t1", "سوناتا", "g1", "فيروز", "https://www.example.org/t/t1"),
            ItemDetails("t2", "A" * 500),
            ItemDetails("t3", "", "g3"),
        ),
    )


def test_names_and_titles_stand_beside_ids(tmp_path: Path) -> None:
    """Display name, attributes and titles are shown; unknown ones leave no empty label."""
    page = written(sample.contents((known_account(),)), tmp_path)
    for words in ("Ann Example", "plangold", "statusactive", "سوناتا", "فيروز", "t3"):
        assert words in page.text
    assert "country" not in page.text
    assert "A" * 161 not in page.text
    assert "g3" not in page.text
    assert page.text.count("Ann Example") == 2


def test_links_leave_the_report_safely(tmp_path: Path) -> None:
    """Each link out is an address of the template, in a new window without opener or referrer."""
    page = written(sample.contents((known_account(),)), tmp_path)
    links = [each for tag, each in page.elements if tag == "a" and each.get("target")]
    assert {each["href"] for each in links} == {
        "https://admin.example.org/users/u%207?a=1&b=2",
        "https://www.example.org/t/t1",
    }
    assert {each["rel"] for each in links} == {"noopener noreferrer external"}
    inside = [each for tag, each in page.elements if tag == "a" and each not in links]
    hrefs = [each.get("href") or each.get("xlink:href") or "" for each in inside]
    assert {href[:1] for href in hrefs} == {"#"}


def test_members_of_a_ring_have_names_and_links(tmp_path: Path) -> None:
    """A member's row has what the operator's table says; a member without it has only its id."""
    ring = sample.ring(3)
    assert ring.ring is not None
    first, *others = ring.ring.members
    named = dataclasses.replace(
        first, details=AccountDetails("Bo", "free", url="https://admin.example.org/users/m")
    )
    profile = dataclasses.replace(ring.ring, members=(named, *others))
    page = written(sample.contents((dataclasses.replace(ring, ring=profile),)), tmp_path)
    assert "Bo, plan free open" in " ".join(page.text.split())
    assert page.text.count("plan free") == 1
    assert "https://admin.example.org/users/m" in page.attributes("href")


def test_without_the_tables_the_page_has_no_trace_of_them(tmp_path: Path) -> None:
    """A report without names, titles and templates has no link out and no empty list."""
    page = written(
        sample.contents((sample.finding(shown=sample.profile()), sample.ring(3))), tmp_path
    )
    classes = {attributes.get("class") for _, attributes in page.elements}
    assert not classes & {"known", "person", "title", "outside"}
