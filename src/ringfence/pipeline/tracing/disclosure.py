"""Texts about a traced complaint for those concerned, and a table of what each may be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from ringfence.errors import TraceError
from ringfence.model.phrases import counted
from ringfence.pipeline.tracing.result import Access, TracedAccount, TraceOutcome
from ringfence.visible import visible

Audience = Literal["complainant", "holder", "reviewer"]
"""The reader of a text."""

AUDIENCES: Final[tuple[str, ...]] = get_args(Audience)


@dataclass(frozen=True)
class Disclosure:
    """A rule about what one kind of reader may be told.

    Attributes:
        reader: who.
        told: what may be disclosed.
        withheld: what may not.
    """

    reader: str
    told: str
    withheld: str

    def to_json(self) -> dict[str, str]:
        """Return all values."""
        return {"reader": self.reader, "told": self.told, "withheld": self.withheld}


DISCLOSURES: Final = (
    Disclosure(
        "complainant",
        "whether an account was identified, how many accounts fit, which action is considered",
        "every name, login, address and client, also of accounts that do not fit",
    ),
    Disclosure(
        "account holder",
        "the accesses by the holder's own account",
        "other accounts, their number, and who complained",
    ),
    Disclosure("internal reviewer", "everything on this page", "nothing"),
    Disclosure(
        "authority",
        "what it requests on a legal basis, through the owner's legal department",
        "everything else",
    ),
)
"""The default of what is disclosed."""

DISCLOSURE_NOTE: Final = (
    "This is a default, not legal advice. Reason: GDPR Article 5(1)(c) limits personal data to "
    "what the purpose needs, and Article 6 asks for a legal basis of each disclosure."
)


def check_audience(name: str) -> None:
    """Check that there is a text for a reader; an empty name means none.

    Raises:
        TraceError: there is none.
    """
    if name and name not in AUDIENCES:
        raise TraceError(
            f"there is no text for {name!r}", where="--for", hint=f"one of {', '.join(AUDIENCES)}"
        )


_RESULTS: Final[dict[TraceOutcome, str]] = {
    "one": "One account fits the complaint. It will be reviewed by a person.",
    "several": "Several accounts fit the complaint. None of them was identified.",
    "partial": "No account fits the complaint in every respect. None was identified.",
    "none": "No account that fits the complaint was found.",
    "unanswered": "Our records cannot answer the complaint. This does not mean that nobody fits.",
}

_ACTIONS: Final[dict[TraceOutcome, str]] = {
    "one": "a person reviews the use of the account; a limit or a suspension may follow",
    "several": "none without more facts; an exact time, address or item would narrow the search",
    "partial": "none without more facts; please check the time, its zone, the address and the item",
    "none": "none without more facts; please check the time, its zone, the address and the item",
    "unanswered": "none without more facts; an item or a time would make a search possible",
}

_NOT_DISCLOSED: Final = (
    "We do not disclose who the holders of accounts are, nor their logins or addresses (GDPR "
    "Articles 5(1)(c) and 6). An authority with a legal basis can send a request to our legal "
    "department."
)

_TO_HOLDER: Final = (
    "If this was not you, somebody else may know your login. Change your password and tell us.\n"
    "If it was you, you can explain it. A person will read your answer."
)


def complainant_text(
    given: tuple[str, ...], outcome: TraceOutcome, accounts: int, *, identified: bool
) -> str:
    """Return the answer to a complainant. It contains no personal data.

    It does not repeat the complaint either, because a URL may name a person.

    Args:
        given: the criteria that were searched.
        outcome: of the search.
        accounts: number of accounts that fit.
        identified: whether the one account that fits stands for an account holder.
    """
    unanswered = outcome == "unanswered"
    compared = "could not compare" if unanswered else "compared"
    result = _RESULTS[outcome]
    action = _ACTIONS[outcome]
    if outcome == "one" and not identified:
        result = "One source of access fits the complaint, but no account holder was identified."
        action = _ACTIONS["several"]
    return "\n".join(
        (
            f"We {compared} your complaint with our access records by {_listed(given)}.",
            "",
            f"Result: {result}",
            f"Accounts that fit: {'not known' if unanswered else f'{accounts:,}'}.",
            f"Action considered: {action}.",
            "",
            _NOT_DISCLOSED,
        )
    )


def holder_text(candidate: TracedAccount) -> str:
    """Return the text for the holder of an account, with the accesses by this account alone.

    Raises:
        TraceError: the account is an address without a login, so its holder is not known.
    """
    if candidate.visitor:
        raise TraceError(
            "the account is an address without a login, so there is no holder to write to",
            where="--for holder",
            hint="an internet provider knows its customer; ask your legal department",
        )
    return "\n".join(
        (
            f"A complaint led us to look at the use of your account {visible(candidate.account)}.",
            "This letter is not a decision about your account. Our records show:",
            "",
            *(_line(one) for one in candidate.sample),
            *_rest(candidate),
            "",
            _TO_HOLDER,
        )
    )


def _line(access: Access) -> str:
    known = [
        f"{access.time:%Y-%m-%d %H:%M:%S} UTC",
        f"item {access.item}",
        f"from {access.address}" if access.address else "",
        f"with {access.client}" if access.client else "",
    ]
    return visible("- " + ", ".join(filter(None, known)))


def _rest(candidate: TracedAccount) -> list[str]:
    """Return the accesses that are not listed, or what the ledger knows without a log."""
    more = candidate.accesses - len(candidate.sample)
    if candidate.origin == "logs":
        return [f"- and {more:,} more"] if more > 0 else []
    if candidate.holding is None:
        return ["- use of the account, of which the exact times were not kept"]
    held = candidate.holding
    ends = f"first on {held.first:%Y-%m-%d %H:%M} UTC, last on {held.last:%Y-%m-%d %H:%M} UTC"
    return [f"- {counted(held.uses, 'use')} of the item, {ends}"]


def chosen_candidate(candidates: tuple[TracedAccount, ...], account: str | None) -> TracedAccount:
    """Return the candidate whose holder a text is for.

    Raises:
        TraceError: there is none, or there are several and none is named, or the named one does
            not fit.
    """
    if account is None and len(candidates) == 1:
        return candidates[0]
    if account is None:
        what = f"{len(candidates):,} accounts fit" if candidates else "no account fits"
        hint = "name one with --account" if candidates else ""
        raise TraceError(what, where="--for holder", hint=hint)
    for one in candidates:
        if one.account == account:
            return one
    raise TraceError("this account does not fit", where="--account", hint="see --for reviewer")


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1]) if len(names) > 1 else names)
