"""The choice between presets, learned rules and the path."""

from __future__ import annotations

import tomllib

import pytest

from ringfence.events.items import Preset, Rule, RuleChoice, RuleUse, Visit, choose, preset
from ringfence.settings import Settings


def visits(urls: list[str]) -> list[Visit]:
    """Return visits of three accounts in turn."""
    return [Visit(url, f"user-{number % 3}") for number, url in enumerate(urls)]


RECORDS = [f"/record/{n}" for n in range(40)]
LEARNED = Preset("learned", (Rule(r"/record/(?P<item>[0-9]+)"),))


@pytest.mark.parametrize(
    ("urls", "name"),
    [
        (["/rest/stream?id=1"] * 60 + ["/"] * 40, "subsonic"),
        (["/stream/1", "/tracks/2/audio"], "stream"),
        (["/article/10.1007/s1"] * 60 + ["/a"] * 40, "scholarly"),
        (["/article/10.1007/s1"] + ["/a"] * 99, "path"),
        (["/stream/1"] * 6 + ["/x.css"] * 900 + ["/a"] * 4, "stream"),
        (RECORDS, "learned"),
        (RECORDS + ["/files/report.pdf"] * 30, "learned"),
        (RECORDS + ["/"] * 90, "path"),
        ([f"/bitstream/handle/1/{n}/article.pdf" for n in range(40)], "learned"),
        (
            [f"http://p{n % 2}.example:80/article/10.1007/s{n}" for n in range(10)]
            + [f"http://p{n % 2}.example:80/ajax/{n}" for n in range(100)],
            "scholarly",
        ),
        ([], "path"),
    ],
)
def test_rules_have_to_explain_most_pages(urls: list[str], name: str) -> None:
    """A preset needs half of the pages, static assets aside, and in a proxy's log one in twenty.

    Learned rules need half of the pages as well. A file name that ends in .pdf fits any platform
    and does not speak for the scholarly preset.
    """
    assert choose(visits(urls)).preset.name == name


def test_learning_can_be_demanded() -> None:
    """With the preset learned, no other preset is chosen, whatever it explains."""
    urls = [f"/stream/{n}" for n in range(30)] + ["/about"] * 90
    assert choose(visits(urls), always_learn=True).preset.name == "learned"


def test_the_share_and_the_examples_are_those_of_the_sample() -> None:
    """The choice says what each rule explains, with examples, and what all rules leave out."""
    choice = choose(visits([*RECORDS, *["/about"] * 10]))
    assert choice.share == pytest.approx(0.8)
    (use,) = choice.uses
    assert use.share == pytest.approx(0.8)
    assert use.examples[:2] == (("/record/0", "0"), ("/record/1", "1"))
    assert "80%" in choice.in_words()


def test_remembered_rules_stay_although_others_would_be_learned() -> None:
    """Rules that explain most pages are used as they are, so that an item keeps its name."""
    urls = [f"/record/{n}" for n in range(40)] + [f"/essay/{n}" for n in range(30)]
    assert choose(visits(urls), LEARNED).preset == LEARNED


def test_rules_are_added_behind_remembered_ones() -> None:
    """Pages that remembered rules do not explain get rules of their own, with other names."""
    urls = [f"/essay/{n}" for n in range(40)] + RECORDS[:5]
    extended = choose(visits(urls), LEARNED).preset
    assert extended.rules[0] == LEARNED.rules[0]
    rules = [extended.rule_for(url) for url in ("/record/7", "/essay/7")]
    assert [rule.prefix if rule else None for rule in rules] == ["", "essay/"]


@pytest.mark.parametrize("name", ["scholarly", "subsonic", "stream"])
def test_a_remembered_preset_stays_while_it_fits(name: str) -> None:
    """A preset by which other sources were read is kept if it explains one page in twenty."""
    fitting = {
        "scholarly": "/article/pii/S0012160612004174",
        "subsonic": "/rest/stream?id=1",
        "stream": "/stream/1",
    }
    urls = [fitting[name]] * 10 + RECORDS
    assert choose(visits(urls), preset(name)).preset.name == name
    assert choose(visits(RECORDS), preset(name)).preset.name == "learned"


@pytest.mark.parametrize(
    "text", ["plain", "it's", 'a "quoted" one', "back\\slash'", "\x1b[31m'\x7f", "\U0001f600'"]
)
def test_learned_rules_are_text_for_the_settings_file(text: str) -> None:
    """The printed rules are TOML that gives the same rules, whatever is in the URLs."""
    rule = Rule(f"/{text}/(?P<item>[0-9]+)".replace("[31m", ""), prefix=text, normalise=True)
    use = RuleUse(rule, 0.5, ((f"/{text}/1\n[engine]", "1"),))
    printed = RuleChoice(Preset("learned", (rule,)), 0.5, (use,)).as_toml()
    (read,) = Settings.model_validate(tomllib.loads(printed)).items.rules
    assert (read.pattern, read.prefix, read.normalise) == (rule.pattern, rule.prefix, True)
    assert printed.startswith("# 50% of the pages, such as ")
