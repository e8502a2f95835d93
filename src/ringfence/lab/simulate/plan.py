"""Plan a scenario: its catalogue, its accounts, and the campaigns of its extractors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from ringfence.errors import SettingsError
from ringfence.lab.simulate.attacks import Attack
from ringfence.lab.simulate.attributes import NOT_YET, Attributes
from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.event_columns import ARCHIVE, ITEM, EventColumns, joined
from ringfence.lab.simulate.log_columns import records_of
from ringfence.lab.simulate.permutation import key_of, permuted
from ringfence.lab.simulate.scenario import Scenario, UserSection
from ringfence.lab.simulate.users import KINDS, MODELS, Mix, Users
from ringfence.stats.arrays import Codes, Integers, SmallIntegers
from ringfence.stats.seconds import DAY
from ringfence.suggestions import did_you_mean

EXTRACTOR: Final = len(KINDS)
"""Kind of an account that has no user; kinds of users are positions in ``KINDS``."""

_NAMES, _ATTACK, _STOLEN, _ATTRIBUTES = range(4)
_LOOKED_UP: Final = 20_000_000
"""Public numbers of at most this number of items are kept in tables: a look-up is faster."""
_STRETCH: Final = 500_000


@dataclass(frozen=True)
class Campaign:
    """An attack in a scenario.

    Attributes:
        attack: strategy and parameters.
        first_day: day of the scenario on which it begins.
        account: numbers of its accounts in the scenario.
        row: rows of their attributes. Stolen accounts that are used from elsewhere have rows of
            their own after those of all accounts; in all other cases it is ``account``.
        seed: seed of its randomness.
    """

    attack: Attack
    first_day: int
    account: Integers
    row: Integers
    seed: int

    @property
    def is_elsewhere(self) -> bool:
        """Return whether stolen accounts are used from another place than their owners'."""
        return self.attack.strategy.stolen and self.attack.origin is not None


class ScenarioPlan:
    """A scenario without the events of its users, which are made block by block.

    Accounts are numbered within the scenario, users first. The events show another, public number.

    Attributes:
        scenario: the scenario.
        law: its catalogue.
        users: the honest accounts, numbers 0 .. users.accounts - 1.
        campaigns: its attacks.
        accounts: number of users and extractors.
    """

    def __init__(self, scenario: Scenario) -> None:
        """Plan a scenario.

        Raises:
            SettingsError: an attack or the mix of users does not fit.
        """
        self.scenario = scenario
        self.law = CatalogueLaw.of(scenario.catalogue.items)
        self.users = Users(
            self.law,
            mix_of(scenario.users, scenario.name),
            days=scenario.days,
            weekday=scenario.start.weekday(),
            seed=scenario.seed,
        )
        self.campaigns = _campaigns(scenario, self.users)
        new = [len(c.account) for c in self.campaigns if not c.attack.strategy.stolen]
        self.accounts = self.users.accounts + sum(new)
        self.campaigns = _with_rows(self.campaigns, self.accounts)

    @cached_property
    def public(self) -> Integers:
        """Return the public number of every account, and of the owner of every further row."""
        key = key_of(self.scenario.seed, _NAMES)
        number = permuted(np.arange(self.accounts), self.accounts, key)
        elsewhere = [number[c.account] for c in self.campaigns if c.is_elsewhere]
        return np.concatenate([number, *elsewhere])

    @cached_property
    def kind(self) -> Codes:
        """Return the kind of user of every account, or :data:`EXTRACTOR`; so of further rows."""
        kind = np.full(len(self.public), EXTRACTOR, np.int8)
        kind[: self.users.accounts] = self.users.kind
        return kind

    @cached_property
    def attributes(self) -> Attributes:
        """Return the attributes of all accounts.

        The sign-ups of newcomers are unknown until their first events are made.
        """
        seed = key_of(self.scenario.seed, _ATTRIBUTES)
        attributes = Attributes.of_crowd(seed, len(self.public))
        if self.scenario.users.visitors:
            attributes.set_visitors(seed, self.users.accounts)
        attributes.signed_up[self.kind == KINDS.index("newcomer")] = NOT_YET
        attributes.set_crawlers(np.flatnonzero(self.kind == KINDS.index("crawler")))
        for code, model in enumerate(MODELS):
            account = np.flatnonzero(self.kind == code)
            if model.clients:
                attributes.set_clients(account, model.clients)
            if model.together and model.shares_network:
                attributes.set_networks(account, self.users.group(account, code), code)
            if model.neighbours:
                attributes.set_neighbours(account, code)
        for campaign in self.campaigns:
            # A stolen account looks like its owner.
            if not campaign.attack.strategy.stolen:
                links, day = campaign.attack.links, campaign.first_day
                attributes.set_linked(campaign.account, links, day, campaign.seed)
            if campaign.attack.origin is not None:
                attributes.set_origin(campaign.row, campaign.attack.origin, campaign.seed)
        return attributes

    def item(self, item: Integers) -> Integers | SmallIntegers:
        """Return the public numbers of items. Those of texts rise in their order."""
        if self.users.texts is None:
            return self._track(item)
        return np.where(item < self.law.items, self._track(self._clipped(item)), item)

    def named(self, item: Integers, response: Codes) -> Integers | SmallIntegers:
        """Return the numbers in the names of what requests ask for.

        Args:
            item: as in :class:`~ringfence.lab.simulate.event_columns.EventColumns`.
            response: what each request was answered with.
        """
        other = np.flatnonzero(response)
        if not len(other):
            return self.item(item)
        named = self.item(np.where(response == ITEM, item, 0)).astype(np.int64)
        named[other] = item[other]
        of_group = np.flatnonzero(response == ARCHIVE)
        named[of_group] = self.law.public_group(item[of_group])
        return named

    def grouped(self, item: Integers, response: Codes) -> Integers | SmallIntegers:
        """Return the public numbers of the groups; -1 for what has no group."""
        other = np.flatnonzero(response)
        if not len(other):
            return self.group(item)
        grouped = self.group(np.where(response == ITEM, item, 0)).astype(np.int64)
        grouped[other] = -1
        of_group = np.flatnonzero(response == ARCHIVE)
        grouped[of_group] = self.law.public_group(item[of_group])
        return grouped

    def records(self, item: Integers, response: Codes) -> Integers:
        """Return the number of items that each answer shows or holds."""
        group = np.where(response == ARCHIVE, item, 0)
        return records_of(response, self.law.size_of(group))

    def group(self, item: Integers) -> Integers | SmallIntegers:
        """Return the public numbers of the groups of items."""
        texts = self.users.texts
        if texts is None:
            return self._track_group(item)
        tracks = self._track_group(self._clipped(item))
        return np.where(item < self.law.items, tracks, texts.group_of(item))

    def _clipped(self, item: Integers) -> Integers:
        return np.minimum(item, self.law.items - 1)

    def _track(self, item: Integers) -> Integers | SmallIntegers:
        return self.law.public(item) if self._looked_up is None else self._looked_up[0][item]

    def _track_group(self, item: Integers) -> Integers | SmallIntegers:
        return self._public_group(item) if self._looked_up is None else self._looked_up[1][item]

    @cached_property
    def _looked_up(self) -> tuple[SmallIntegers, SmallIntegers] | None:
        """Return tables of public numbers of items and groups, or None if events are few."""
        if self.law.items > min(_LOOKED_UP, self.users.accounts * self.scenario.days * 20):
            return None
        item, group = np.empty((2, self.law.items), np.int32)
        for first in range(0, self.law.items, _STRETCH):
            some = np.arange(first, min(first + _STRETCH, self.law.items))
            item[some], group[some] = self.law.public(some), self._public_group(some)
        return item, group

    def _public_group(self, item: Integers) -> Integers:
        return self.law.public_group(self.law.group_of(item))

    def campaign_events(self, first: int, last: int) -> EventColumns:
        """Return the events of all attacks between two midnights.

        Args:
            first: day of the scenario that begins with the first midnight.
            last: day that begins with the second.
        """
        batches = [
            _campaign_day(campaign, self.law, day)
            for campaign in self.campaigns
            # Days of other time zones begin before midnight and end after it.
            for day in range(first - 1, last + 1)
        ]
        events = joined(batches)
        inside = (events.second >= first * DAY) & (events.second < last * DAY)
        return events.at(np.flatnonzero(inside))


def mix_of(section: UserSection, where: str) -> Mix:
    """Return the number of users of each kind.

    Kinds that are left out have their natural share if the rest are ordinary, and none otherwise.

    Raises:
        SettingsError: a kind does not exist, a number is impossible, or the special users are more
            than the users.
    """
    _check_kind(section.rest, KINDS, "users.rest", where)
    natural = Mix.natural(section.accounts) if section.rest == "ordinary" else Mix(section.accounts)
    counts = dict(natural.special)
    known = tuple(kind for kind in KINDS if kind != section.rest)
    for kind, number in section.kinds.items():
        _check_kind(kind, known, "users.kinds", where)
        counts[kind] = _count(kind, number, section.accounts, where)
    if sum(counts.values()) > section.accounts:
        raise SettingsError(
            f"users.kinds: {sum(counts.values()):,} special users of {section.accounts:,}",
            where=where,
            hint="raise users.accounts or lower the kinds",
        )
    return Mix(section.accounts, counts, section.rest)


def _check_kind(kind: str, known: tuple[str, ...], key: str, where: str) -> None:
    if kind not in known:
        raise SettingsError(
            f"{key}: there is no kind {kind!r}",
            where=where,
            hint=did_you_mean(kind, known) or f"one of {', '.join(known)}",
        )


def _count(kind: str, number: float, accounts: int, where: str) -> int:
    shared = isinstance(number, float)
    if number < 0 or (shared and number > 1):
        raise SettingsError(
            f"users.kinds.{kind}: {number} is neither a whole number of accounts nor a share",
            where=where,
            hint="such as 20, or 0.01 for one in a hundred",
        )
    return round(number * accounts) if shared else int(number)


def _campaigns(scenario: Scenario, users: Users) -> tuple[Campaign, ...]:
    """Give every attack its accounts: new ones, or accounts stolen from users of the usual kind."""
    rng = np.random.default_rng([scenario.seed, _STOLEN])
    usual = KINDS.index(scenario.users.rest)
    owners = rng.permutation(np.flatnonzero(users.kind == usual))
    campaigns, next_account = [], users.accounts
    for number, section in enumerate(scenario.attack):
        attack = section.load()
        count = attack.strategy.accounts
        if attack.strategy.stolen:
            account, owners = np.sort(owners[:count]), owners[count:]
        else:
            account = np.arange(next_account, next_account + count)
            next_account += count
        if len(account) < count:
            raise SettingsError(
                f"attack {attack.name}: {count:,} accounts to steal, too few ordinary users",
                where=scenario.name,
                hint="raise users.accounts or lower the attack's accounts",
            )
        seed = key_of(scenario.seed, _ATTACK, number)
        campaigns.append(Campaign(attack, section.start_day, account, account, seed))
    return tuple(campaigns)


def _with_rows(campaigns: tuple[Campaign, ...], accounts: int) -> tuple[Campaign, ...]:
    """Give stolen accounts that are used from elsewhere rows after those of all accounts."""
    placed, row = [], accounts
    for campaign in campaigns:
        if campaign.is_elsewhere:
            rows = np.arange(row, row + len(campaign.account))
            row += len(rows)
            campaign = replace(campaign, row=rows)  # noqa: PLW2901 - the same one with its rows
        placed.append(campaign)
    return tuple(placed)


def _campaign_day(campaign: Campaign, law: CatalogueLaw, day: int) -> EventColumns:
    """Return a campaign's events on a day, with numbers and seconds of the scenario."""
    own_day = day - campaign.first_day
    if not 0 <= own_day < campaign.attack.strategy.days:
        return joined([])
    events = campaign.attack.strategy.day(law, campaign.seed, own_day)
    return EventColumns(
        second=events.second + campaign.first_day * DAY,
        account=campaign.row[events.account],
        item=events.item,
        seconds=events.seconds,
        surface=events.surface,
        response=events.response,
    )
