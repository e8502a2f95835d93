"""The steps between a ledger and findings, each with one name: scan and evaluation call these.

measure            set robots apart, load the catalogue, join the accounts table, and run the
                   evidence steps
judge              run every evidence test on every account (ringfence.verdicts)
find_rings         search for rings in every way
combined_verdicts  judge accounts and rings together, and write nothing
concluded          judge them together, save the verdicts, and return findings
with_profiles      read what the pages of the first findings show (ringfence.profiles)
with_details       add what the operator's tables say (ringfence.profiles)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ringfence.catalogue import Catalogue, load_catalogue
from ringfence.engine import ArrowData
from ringfence.evidence import Context
from ringfence.evidence.steps import run_steps
from ringfence.ledger import Ledger
from ringfence.model.exemption import Exemption
from ringfence.model.finding import Finding
from ringfence.model.ring import Ring
from ringfence.own_past import single_out_foreign_use
from ringfence.pipeline.context import Extent, build_context, measure_extent
from ringfence.population import (
    AccountsTable,
    GrantedUse,
    RobotsApart,
    find_network_origins,
    join_accounts_table,
    set_granted_apart,
    set_robots_apart,
)
from ringfence.rings import detect_rings
from ringfence.settings import Settings
from ringfence.verdicts import CombinedVerdicts, ScoredAccounts, combine, conclude


@dataclass(frozen=True)
class Measurement:
    """A ledger on which the evidence steps have run.

    Attributes:
        context: what the evidence tests may know.
        catalogue: all items that could be taken.
        accounts_table: what was read from the operator's table of accounts.
        robots: declared robots, set apart before any evidence, and impostors.
        granted: use under grants; accounts that stay within them are set apart too.
        extent: number of accounts and uses, and the period.
    """

    context: Context
    catalogue: Catalogue
    accounts_table: AccountsTable
    robots: RobotsApart
    granted: tuple[GrantedUse, ...]
    extent: Extent


def measure(
    ledger: Ledger,
    catalogue_file: Path | None = None,
    accounts_table: Path | ArrowData | None = None,
    exemptions: Sequence[Exemption] = (),
) -> Measurement:
    """Set accounts apart, load the catalogue, join the accounts table and run the evidence steps.

    Declared robots are set apart, and accounts that stay within a grant.

    Args:
        ledger: merged.
        catalogue_file: the list of all items; None takes what the ledger holds.
        accounts_table: a file or table with attributes of accounts that events may lack.
        exemptions: what grants permit.

    Raises:
        CatalogueError: the file cannot be used.
        AccountsTableError: the table of accounts cannot be used.
        SettingsError: the file of the crawlers' networks cannot be used.
    """
    engine = ledger.engine
    robots = set_robots_apart(engine, ledger.settings.robots)
    find_network_origins(engine, ledger.settings.places.prefixes)
    granted = set_granted_apart(engine, exemptions)
    catalogue = load_catalogue(engine, catalogue_file, ledger.settings.catalogue)
    table = join_accounts_table(engine, accounts_table, ledger.settings)
    run_steps(engine)
    extent = measure_extent(engine)
    context = build_context(ledger, catalogue, extent, table.link_columns)
    return Measurement(context, catalogue, table, robots, granted, extent)


def find_rings(context: Context, scored: ScoredAccounts) -> tuple[Ring, ...]:
    """Search for rings in every way, most certain first."""
    foreign = single_out_foreign_use(context.engine, scored.own_past)
    return detect_rings(context.engine, scored.most_suspicious_first(), context.columns, foreign)


def concluded(
    measured: Measurement, scored: ScoredAccounts, rings: Sequence[Ring], settings: Settings
) -> tuple[Finding, ...]:
    """Judge accounts and rings together, save the verdicts, and return the findings.

    A finding about the impostors of a crawler lists the visitors as its accounts.
    """
    found = conclude(measured.context.engine, scored, rings, measured.catalogue, settings)
    visitors = {group.account: group.visitors for group in measured.robots.impostors}
    return tuple(
        replace(one, accounts=visitors.get(one.id, one.accounts)) if one.kind == "account" else one
        for one in found
    )


def combined_verdicts(
    context: Context, scored: ScoredAccounts, settings: Settings
) -> CombinedVerdicts:
    """Search for rings, and judge accounts and rings together; write nothing."""
    rings = find_rings(context, scored)
    return combine(scored, rings, settings.verdicts.false_accusation_rate)
