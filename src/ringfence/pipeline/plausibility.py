"""Judge whether the input was read as its owner means it, from a few facts about it.

Each rule of :data:`RULES` looks for one sign of a log that was read wrongly. It says what was seen,
why it matters, and which setting fixes it. A sign that makes every finding worthless stops a scan.
To add a rule, add what it needs to :class:`InputFacts`, a function to one of the
modules ``signs_in_…``, and an entry to the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ringfence.model.warning import InputWarning
from ringfence.pipeline import (
    signs_in_accounts,
    signs_in_catalogue,
    signs_in_items,
    signs_in_lines,
    signs_in_requests,
)
from ringfence.pipeline.input_facts import InputFacts
from ringfence.pipeline.suspicion import Suspicion


@dataclass(frozen=True)
class PlausibilityRule:
    """A sign of a log that was read wrongly.

    Attributes:
        kind: the kind of its warnings.
        sign: what is looked for, for the documentation.
        worthless: when findings are worthless because of it; empty if they never are.
        setting: the setting or option that fixes it.
        find: returns what was found, or None.
    """

    kind: str
    sign: str
    worthless: str
    setting: str
    find: Callable[[InputFacts], Suspicion | None]


def input_warnings(facts: InputFacts) -> tuple[InputWarning, ...]:
    """Return all warnings about the input; those that make findings worthless come first."""
    found = []
    for rule in RULES:
        suspicion = rule.find(facts)
        if suspicion:
            found.append(InputWarning(rule.kind, suspicion.text, rule.setting, suspicion.worthless))
    return tuple(sorted(found, key=lambda warning: not warning.worthless))


RULES: Final = (
    PlausibilityRule(
        "unreadable-lines",
        "More than half of the lines of the input or of one source are unreadable, or a tenth of "
        "many.",
        "More than half of all lines are unreadable.",
        "events.format, events.layout",
        signs_in_lines.unreadable,
    ),
    PlausibilityRule(
        "unread-format",
        "Unreadable lines are records of another known format.",
        "They are a quarter of all lines.",
        "a source of its own for each format",
        signs_in_lines.mixed_formats,
    ),
    PlausibilityRule(
        "unreadable-times",
        "A tenth of the times cannot be read or lie in the future.",
        "A quarter of the times is lost.",
        "events.time_format, events.time_zone",
        signs_in_lines.unreadable_times,
    ),
    PlausibilityRule(
        "no-takes",
        "No line is a take.",
        "Always, unless the ledger holds earlier scans.",
        "items.rules, events.columns",
        signs_in_lines.no_take,
    ),
    PlausibilityRule(
        "unexplained-pages",
        "No item rule explains 95 % of the successful requests for pages.",
        "",
        "items.preset, items.rules",
        signs_in_lines.unexplained,
    ),
    PlausibilityRule(
        "one-account",
        "One account has nine tenths of the use, or half of it with 20 clients or networks or "
        "with a name such as guest.",
        "It has nine tenths of the use, and 20 clients or networks or such a name.",
        "account.key, account.parameters, events.layout, events.columns.account",
        signs_in_accounts.one_account,
    ),
    PlausibilityRule(
        "login-not-read",
        "Nine tenths of the accounts are addresses, at least 20, and a column with the name of a "
        "login is not read.",
        "",
        "events.columns.account",
        signs_in_accounts.login_column_unused,
    ),
    PlausibilityRule(
        "one-item",
        "One item has most of the use.",
        "",
        "items.rules, events.columns.item",
        signs_in_accounts.one_item,
    ),
    PlausibilityRule(
        "components-not-counted",
        "Learned item rules leave out codes behind the items, such as the pages of a manuscript: "
        "four or more per item, in most of the pages.",
        "",
        "items.rules",
        signs_in_items.components_not_counted,
    ),
    PlausibilityRule(
        "item-in-many-groups",
        "Most items with several uses are in several groups.",
        "",
        "items.rules, events.columns.item, events.columns.group",
        signs_in_items.item_in_many_groups,
    ),
    PlausibilityRule(
        "behind-proxy",
        "Visitors come from at most 3 addresses with at least 20 clients.",
        "The addresses are private.",
        "events.trusted_proxies, events.columns.forwarded",
        signs_in_accounts.behind_proxy,
    ),
    PlausibilityRule(
        "forwarded-ignored",
        "Most requests carry a forwarded list, and the client is nevertheless the address that "
        "connected, because that is not a trusted proxy.",
        "Nine tenths of the requests are of this kind and have no login, and the lists name at "
        "least 20 addresses, and twice as many as connected.",
        "events.trusted_proxies",
        signs_in_requests.forwarded_ignored,
    ),
    PlausibilityRule(
        "parameter-not-read",
        "Most uses without a login carry a parameter with the name of a login, key or token, which "
        "has several values and is not read.",
        "",
        "account.parameters",
        signs_in_requests.parameter_not_read,
    ),
    PlausibilityRule(
        "requests-of-one-account",
        "One account, not a declared robot, has most of the successful requests that are no use "
        "of an item, at many addresses.",
        "",
        "items.rules",
        signs_in_requests.requests_of_one_account,
    ),
    PlausibilityRule(
        "private-addresses",
        "All addresses are private, loopback, link-local or carrier-grade, in at most 20 networks.",
        "",
        "events.trusted_proxies, events.columns.forwarded",
        signs_in_accounts.private_addresses,
    ),
    PlausibilityRule(
        "hours-of-play",
        "Accounts play for more than 25 hours per day, or no time played is plausible.",
        "More than half of the days with plays have more than 25 hours.",
        "events.columns.seconds",
        signs_in_lines.hours_of_play,
    ),
    PlausibilityRule(
        "dates-only",
        "All uses are in the first minute of the same hour of the day.",
        "Always.",
        "events.columns.ts",
        signs_in_lines.dates_only,
    ),
    PlausibilityRule(
        "unknown-surface",
        "A surface is not stream, download, metadata or search.",
        "",
        "the values in the log, or events.columns.surface",
        signs_in_lines.other_surface,
    ),
    PlausibilityRule(
        "robot-addresses",
        "A client that declares a robot comes from 100 addresses.",
        "",
        "robots.networks",
        signs_in_accounts.robot_addresses,
    ),
    PlausibilityRule(
        "catalogue-misses",
        "The catalogue lists fewer than half of the items that were taken.",
        "It lists none of them.",
        "catalogue.item",
        signs_in_catalogue.catalogue_misses,
    ),
    PlausibilityRule(
        "popularity-index",
        "The catalogue's popularity is at most 1, or ends between 50 and 100 with a tie at the top "
        "and no long tail, or is below the number of holders of most items.",
        "",
        "catalogue.popularity",
        signs_in_catalogue.popularity_index,
    ),
    PlausibilityRule(
        "accounts-unknown",
        "The accounts table knows fewer than half of the accounts with a login.",
        "",
        "accounts.account",
        signs_in_accounts.unknown_to_the_table,
    ),
    PlausibilityRule(
        "late-columns",
        "New sources have a column that the sources in the ledger lack.",
        "",
        "--ledger FILE: start a new one and scan all logs again",
        signs_in_lines.late_columns,
    ),
)
"""All rules, in the order in which their warnings are shown."""
