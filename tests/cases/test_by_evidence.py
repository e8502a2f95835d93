"""Cases are found by the exact name of a test in their evidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.cases.findings import finding, moment

from ringfence.cases import open_store, record
from ringfence.cases.by_evidence import cases_with_evidence
from ringfence.model.finding import Finding


def about(account: str, test: str, sentence: str = "Why.") -> Finding:
    """Return a finding whose only evidence is of a test."""
    found = finding(account)
    return replace(found, evidence=(replace(found.evidence[0], test=test, sentence=sentence),))


def test_only_the_exact_name_of_a_test_counts(tmp_path: Path) -> None:
    """Neither capital letters, nor a longer name, nor a sentence that quotes it, nor a wildcard."""
    with open_store(str(tmp_path / "cases.sqlite")) as store:
        with store.writing() as connection:
            record(
                connection,
                [
                    about("ann", "leak"), about("bob", "LEAK"), about("cy", "leaks"),
                    about("dee", "volume", '"test":"leak"'), about("eli", "l_ak"),
                    about("fay", "leak"),
                ],
                moment(0),
            )  # fmt: skip
        with store.reading() as connection:
            found = cases_with_evidence(connection, "leak", 10)
            assert sorted(one.subject for one in found) == ["ann", "fay"]
            assert [one.subject for one in cases_with_evidence(connection, "LEAK", 10)] == ["bob"]
            assert len(cases_with_evidence(connection, "leak", 1)) == 1
            assert [one.subject for one in cases_with_evidence(connection, "l_ak", 1)] == ["eli"]
