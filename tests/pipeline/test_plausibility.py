"""Plausibility: each rule on facts that are suspicious, and on facts that just are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.events.items import Components
from ringfence.pipeline.catalogue_facts import CatalogueFacts
from ringfence.pipeline.input_facts import (
    InputFacts,
    LeadingAccount,
    LeadingItem,
    PlayTime,
)
from ringfence.pipeline.plausibility import RULES, input_warnings
from ringfence.pipeline.reading import SourceCounts
from ringfence.pipeline.request_facts import (
    ForwardedFacts,
    GroupFacts,
    OtherRequestFacts,
    ParameterFacts,
    RequestFacts,
)
from ringfence.population import AccountsTable

READ = SourceCounts("a.log", lines=1_000, takes=900, quarantined=0, bad_times=0, no_item=50)
HONEST = InputFacts(
    sources=(READ,),
    account=LeadingAccount(accounts=100, uses=1_000, most=50, name="ann", clients=3, networks=4),
    item=LeadingItem(items=300, uses=1_000, most=40, name="song"),
    located=1_000,
    inside=100,
    networks=20,
    visitors=60,
    addresses=40,
    clients=30,
    columns=frozenset({"ip", "client", "seconds"}),
    played=PlayTime(days=200, accounts=100, long_days=1, long_accounts=1, per_use=180, longest=1e5),
    hours=500,
    hours_of_day=20,
    on_the_hour=10,
    accounts_table=AccountsTable("a.csv", rows=500, known=50, logins=100),
    catalogue=CatalogueFacts(400, 290, 400, 9_000.0, 1, 60.0, 290, 2),
)
"""Facts of a usual log: a hundred accounts, some unexplained pages, one person with a long day."""

TABLE = AccountsTable("a.csv", rows=500, known=90, logins=100)
ACCOUNT, ITEM, PLAYED, KNOWN = HONEST.account, HONEST.item, HONEST.played, HONEST.catalogue


FORWARDED = ForwardedFacts(400, 400, 400, 400, peers=15, named=100, peer="198.51.100.7")
PARAMETER = ParameterFacts(takes=400, carried=300, values=9, name="apikey")
OTHER = OtherRequestFacts(900, 600, 600, 50, 1_500, 0, "bulk", "Firefox", "/api/items?page=7")
GROUPS = GroupFacts(repeated=100, shared=80, item="f001v", groups=37)
PARTS = Components(12.0, "/ms/12/f001v", "12", finer=None)

OfRequests = ForwardedFacts | ParameterFacts | OtherRequestFacts | GroupFacts


def sampled(one: OfRequests, **numbers: int) -> InputFacts:
    """Return honest facts, with the facts of a sample of requests, some of them changed."""
    names = {
        ForwardedFacts: "forwarded",
        ParameterFacts: "parameter",
        OtherRequestFacts: "other",
        GroupFacts: "groups",
    }
    found = RequestFacts(**{names[type(one)]: replace(one, **numbers)})
    return replace(HONEST, requests=found)


def lines(**numbers: int) -> InputFacts:
    """Return honest facts, but with other numbers of lines."""
    return replace(HONEST, sources=(replace(READ, **numbers),))


SUSPICIOUS = {
    "a table of other accounts": (
        "accounts-unknown",
        False,
        replace(HONEST, accounts_table=replace(TABLE, known=49)),
    ),
    "most unreadable": ("unreadable-lines", True, lines(quarantined=501)),
    "half of the lines, and many": ("unreadable-lines", True, lines(quarantined=500)),
    "one of three readable": ("unreadable-lines", True, lines(lines=3, takes=1, quarantined=2)),
    "a tenth unreadable": ("unreadable-lines", False, lines(quarantined=101)),
    "one file of two unreadable": (
        "unreadable-lines",
        False,
        replace(HONEST, sources=(READ, READ, replace(READ, lines=9, takes=1, quarantined=8))),
    ),
    "two formats": ("unread-format", True, lines(quarantined=250, mixed=True)),
    "some lines of another format": ("unread-format", False, lines(quarantined=3, mixed=True)),
    "half of the times": ("unreadable-times", True, lines(quarantined=400, bad_times=400)),
    "a tenth of the times": ("unreadable-times", False, lines(quarantined=100, bad_times=100)),
    "no take": ("no-takes", True, lines(takes=0)),
    "no take in one line": ("no-takes", True, lines(lines=1, takes=0, no_item=0)),
    "no take today": ("no-takes", False, replace(lines(takes=0), lasting=True)),
    "most pages unexplained": ("unexplained-pages", False, lines(takes=40, no_item=760)),
    "everybody is one account": (
        "one-account",
        True,
        replace(HONEST, account=replace(ACCOUNT, name="- -", most=990, clients=300, networks=300)),
    ),
    "an account shared by many": (
        "one-account",
        False,
        replace(HONEST, account=replace(ACCOUNT, most=600, clients=30)),
    ),
    "guest has everything": (
        "one-account",
        True,
        replace(HONEST, account=replace(ACCOUNT, name="Anonymous", most=900)),
    ),
    "one account with nearly all": (
        "one-account",
        False,
        replace(HONEST, account=replace(ACCOUNT, most=901)),
    ),
    "one item": ("one-item", False, replace(HONEST, item=replace(ITEM, name="/", most=501))),
    "a load balancer": (
        "behind-proxy",
        True,
        replace(HONEST, addresses=2, clients=150, visitors=150, inside=1_000),
    ),
    "a public proxy": ("behind-proxy", False, replace(HONEST, addresses=3, clients=20)),
    "private addresses": ("private-addresses", False, replace(HONEST, inside=1_000)),
    "milliseconds as seconds": (
        "hours-of-play",
        True,
        replace(HONEST, played=PlayTime(200, 100, 190, 95, 180_000, 6e8)),
    ),
    "a tenth of days too long": (
        "hours-of-play",
        False,
        replace(HONEST, played=replace(PLAYED, long_days=20, long_accounts=12)),
    ),
    "no second is plausible": ("hours-of-play", False, replace(HONEST, played=PlayTime())),
    "dates only": ("dates-only", True, replace(HONEST, on_the_hour=500, hours_of_day=1)),
    "dates in a zone with summer time": (
        "dates-only",
        True,
        replace(HONEST, on_the_hour=500, hours_of_day=2),
    ),
    "unknown surface": ("unknown-surface", False, replace(HONEST, surfaces=(("view", 3),))),
    "a robot everywhere": (
        "robot-addresses",
        False,
        replace(HONEST, robot="Googlebot/2.1", robot_addresses=300),
    ),
    "no item is listed": (
        "catalogue-misses",
        True,
        replace(HONEST, catalogue=replace(KNOWN, matched=0)),
    ),
    "few items are listed": (
        "catalogue-misses",
        False,
        replace(HONEST, catalogue=replace(KNOWN, matched=149)),
    ),
    "popularity from 0 to 100": (
        "popularity-index",
        False,
        replace(HONEST, catalogue=replace(KNOWN, highest=100, at_highest=4, mean=31)),
    ),
    "popularity from 0 to 1": (
        "popularity-index",
        False,
        replace(HONEST, catalogue=replace(KNOWN, highest=0.98, mean=0.2)),
    ),
    "popularity below the holders": (
        "popularity-index",
        False,
        replace(HONEST, catalogue=replace(KNOWN, too_low=200)),
    ),
    "behind a content network": ("forwarded-ignored", True, sampled(FORWARDED)),
    "logins behind one": ("forwarded-ignored", False, sampled(FORWARDED, visitors=300)),
    "as many proxies as clients": ("forwarded-ignored", False, sampled(FORWARDED, peers=90)),
    "keys in URLs": ("parameter-not-read", False, sampled(PARAMETER)),
    "bulk listing": ("requests-of-one-account", False, sampled(OTHER)),
    "pages of manuscripts": ("components-not-counted", False, replace(HONEST, components=PARTS)),
    "one name in each group": ("item-in-many-groups", False, sampled(GROUPS)),
    "a login in another column": (
        "login-not-read",
        False,
        replace(HONEST, visitors=95, unused=("took_ms", "usr.id")),
    ),
    "a new column": ("late-columns", False, replace(HONEST, late_columns=frozenset({"device"}))),
}
"""Kind of the warning, whether findings are worthless, and the facts."""

PLAUSIBLE = {
    "an honest log": HONEST,
    "nothing new": replace(HONEST, sources=()),
    "an empty file": lines(lines=0, takes=0, no_item=0),
    "one of two lines unreadable": lines(lines=2, takes=1, quarantined=1, no_item=0),
    "a twentieth unreadable": lines(quarantined=50),
    "one wrong time": lines(lines=5, takes=4, quarantined=1, bad_times=1, no_item=0),
    "a few unexplained pages": lines(lines=60, takes=1, no_item=49),
    "a tenth of the pages explained": lines(takes=90, no_item=810),
    "one heavy account": replace(HONEST, account=replace(ACCOUNT, most=850)),
    "one person's short log": replace(
        HONEST, account=LeadingAccount(1, 49, 49, "ann", clients=1), item=LeadingItem(1, 49, 49)
    ),
    "one account, one item": replace(
        HONEST, account=replace(ACCOUNT, accounts=1), item=replace(ITEM, most=1_000)
    ),
    "a family behind one address": replace(HONEST, addresses=1, clients=19, visitors=90),
    "visitors among many logins": replace(HONEST, addresses=1, clients=40, visitors=20),
    "one public address": replace(HONEST, inside=999),
    "a large internal network": replace(HONEST, inside=1_000, networks=21),
    "no address at all": replace(HONEST, located=0, inside=0, visitors=0, addresses=0, clients=0),
    "one extractor plays all day": replace(HONEST, played=replace(PLAYED, long_days=10)),
    "no column of seconds": replace(HONEST, columns=frozenset({"ip"}), played=PlayTime()),
    "few hours": replace(HONEST, hours=19, on_the_hour=19, hours_of_day=1),
    "a job at the full hour": replace(HONEST, on_the_hour=500, hours_of_day=3),
    "a crawler with a few addresses": replace(HONEST, robot="Googlebot/2.1", robot_addresses=99),
    "half of the items are listed": replace(HONEST, catalogue=replace(KNOWN, matched=150)),
    "no catalogue file": replace(HONEST, catalogue=CatalogueFacts()),
    "counts that end below 100": replace(
        HONEST, catalogue=replace(KNOWN, highest=97, at_highest=1, mean=12)
    ),
    "a long tail that ends at 60": replace(
        HONEST, catalogue=replace(KNOWN, highest=60, at_highest=2, mean=2)
    ),
    "lists that are used": sampled(FORWARDED, ignored=150),
    "a few lists": sampled(FORWARDED, listed=150, ignored=150, visitors=150),
    "a short log with lists": sampled(FORWARDED, requests=19, listed=19, ignored=19, visitors=19),
    "keys of some": sampled(PARAMETER, carried=200),
    "keys in a short log": sampled(PARAMETER, takes=19, carried=19),
    "pages of many accounts": sampled(OTHER, most=450, urls=450),
    "one page again and again": sampled(OTHER, urls=300),
    "a heavy user with its pages": sampled(OTHER, own_takes=300),
    "the pages of two people": sampled(OTHER, accounts=2),
    "a few pages": sampled(OTHER, requests=60, most=49, urls=49),
    "tracks on two albums": sampled(GROUPS, shared=50),
    "a short log with groups": sampled(GROUPS, repeated=19, shared=19),
    "columns about accounts": replace(
        HONEST, visitors=95, unused=("user_agent", "account_type", "reader_country", "customers")
    ),
    "a login beside the one that is read": replace(HONEST, visitors=60, unused=("user_id",)),
    "a few old popularities": replace(HONEST, catalogue=replace(KNOWN, too_low=140)),
}


@pytest.mark.parametrize("name", SUSPICIOUS)
def test_a_suspicious_log_is_noticed(name: str) -> None:
    """The warning has its kind and weight, names numbers, and says which setting fixes it."""
    kind, worthless, facts = SUSPICIOUS[name]
    (warning,) = [one for one in input_warnings(facts) if one.kind == kind]
    assert warning.worthless == worthless
    assert warning.setting
    assert warning.text.endswith(".")


@pytest.mark.parametrize("name", PLAUSIBLE)
def test_a_plausible_log_gives_no_warning(name: str) -> None:
    """Logs of one person, of a family, of a day without use and of an extractor are plausible."""
    assert input_warnings(PLAUSIBLE[name]) == ()


def test_every_rule_is_tried() -> None:
    """Each kind has a suspicious log here, and one that is worthless if its rule promises that."""
    assert {kind for kind, _, _ in SUSPICIOUS.values()} == {rule.kind for rule in RULES}
    worthless = {kind for kind, worthless, _ in SUSPICIOUS.values() if worthless}
    assert worthless == {rule.kind for rule in RULES if rule.worthless}


def test_what_makes_findings_worthless_comes_first() -> None:
    """The warning about unreadable lines comes before the one about private addresses."""
    facts = replace(lines(quarantined=900), inside=1_000, surfaces=(("view", 1),))
    weights = [one.worthless for one in input_warnings(facts)]
    assert weights == sorted(weights, reverse=True)
    assert len(weights) == 3


def test_names_from_outside_are_made_visible() -> None:
    """No control character of a name reaches the warning."""
    hostile = replace(ACCOUNT, name="\x1b[31m\u202eann", most=999)
    (warning,) = input_warnings(replace(HONEST, account=hostile))
    assert warning.text.isprintable()
    assert "\\u{202e}" in warning.text


@pytest.mark.parametrize("crowd", [1, 300])
def test_one_account_is_told_from_others_by_the_parameter_that_is_not_read(crowd: int) -> None:
    """The warning about one account names the parameter in its URLs, and the setting."""
    account = replace(ACCOUNT, most=990, clients=crowd)
    (warning,) = (
        one
        for one in input_warnings(replace(sampled(PARAMETER), account=account))
        if one.kind == "one-account"
    )
    assert "apikey" in warning.text
    assert "account.parameters" in warning.text


def test_a_url_in_a_warning_has_no_secret() -> None:
    """The example of a bulk request hides the values of keys."""
    found = replace(OTHER, url="/api/items?page=7&apikey=s3cret")
    (warning,) = input_warnings(sampled(found))
    assert "page=7" in warning.text
    assert "s3cret" not in warning.text
