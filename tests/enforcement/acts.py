"""Short forms of the acts that have effects."""

from __future__ import annotations

from tests.cases.findings import ANA, finding, moment, ring

from ringfence.cases import Act, Author, CaseStore, Ruling, decide, end_case, record
from ringfence.cases.moving import read_case


def open_case(store: CaseStore, *accounts: str) -> int:
    """Open a case about an account, or about a ring of several."""
    found = finding(accounts[0]) if len(accounts) == 1 else ring(*accounts, name="-".join(accounts))
    with store.writing() as connection:
        return record(connection, [found], moment(0))[0].case


def order(  # noqa: PLR0913 - the parts of an order
    store: CaseStore,
    case: int,
    action: str,
    *,
    shadow: bool = False,
    until: int | None = None,
    at: float = 1,
) -> int:
    """Decide about a case, and replace the decision that is in force."""
    with store.writing() as connection:
        version = read_case(connection, case).version
        what = Ruling(action, "too many items", "terms 5.2", until, shadow)  # type: ignore[arg-type] # a word of the type
        return decide(connection, case, what, Act(ANA, moment(at), version))


def end(store: CaseStore, case: int, at: float = 2) -> None:
    """End the decision of a case."""
    with store.writing() as connection:
        end_case(connection, case, "reinstate", "it was a mistake", Act(Author("bo"), moment(at)))
