"""Format results of ``ringfence evaluate`` as the tables of docs/evaluation.md."""

from __future__ import annotations

from typing import Any

from benchmarks.page import table

Document = dict[str, Any]


def accusations(results: dict[str, Document]) -> str:
    """Return the table of users accused where nobody extracts."""
    populations = {
        "months": "real people, one account per 30 days",
        "held-out": "those of them that were held out from most tuning",
        "whole": "real people, whole histories, judged every 30 days",
        "city": "100,000 simulated, with many special users, 30 days",
        "incident": "20,000 simulated, with many special users, 14 days",
        "adaptive180": "800 simulated, 210 days, judged every 30 days",
    }
    rows = []
    for name, what in populations.items():
        if name in results:
            alone = results[name]["users_alone"]
            numbers = (alone["users"], len(alone["accused"]), len(alone["suspected"]))
            rows.append([what, *(f"{n:,}" for n in numbers), f"{alone['accused_at_most']:.2g}"])
    header = ["users", "accounts", "accused", "suspects", "chance per user, at most (95 %)"]
    return table(header, rows)


def kinds(city: Document) -> str:
    """Return the same table by kind of user."""
    rows = [
        [
            one["kind"],
            *(f"{one[name]:,}" for name in ("users", "accused", "suspected")),
            f"{one['least_p_value']:.1e}",
        ]
        for one in city["users_alone"]["kinds"]
        if one["kind"] not in {"granted", "crawler"}
    ]
    return table(["kind", "accounts", "accused", "suspects", "least p-value"], rows)


def estimated(value: Document | None, form: str) -> str:
    """Return a mean and, if the seeds differ, its interval."""
    if value is None:
        return "–"
    mean = format(value["mean"], form)
    if value["low"] is None or value["low"] == value["high"]:
        return mean
    return f"{mean} ({value['low']:{form}} – {value['high']:{form}})"


def with_rings(attacks: list[Document]) -> str:
    """Return the table of each attack with single verdicts, and with rings as well."""
    rows = []
    for attack in attacks:
        alone, both = (
            next(one for one in attack["detectors"] if one["detector"] == name)
            for name in ("ringfence", "ringfence, with rings")
        )
        (run,) = both["runs"]
        first = run["first_hours"]
        rows.append(
            [
                attack["name"],
                f"{alone['found']['mean']:.0%}",
                f"{run['found']} / {run['extractors']}",
                "never" if first is None else f"{first:,.0f} h",
                estimated(both["items_median"], ",.0f"),
                f"{run['ring_items']:,}",
                f"{len(run['accused'])}",
                f"{alone['work_factor']['mean']:.1f}",
                f"{both['work_factor']['mean']:.1f}",
            ]
        )
    header = ["attack", "found one by one", "with rings", "first", "items each, median", "ring got"]
    return table([*header, "users in rings", "work factor", "with rings: work factor"], rows)


def detection(attacks: list[Document]) -> str:
    """Return the table of each attack under Ringfence, over all seeds."""
    rows = []
    for attack in attacks:
        one = attack["detectors"][0]
        runs = one["runs"]
        extractors, found, seen = (
            sum(run[name] for run in runs)
            for name in ("extractors", "found", "suspected_extractors")
        )
        most = max((run["items_most"] or 0 for run in runs), default=0)
        last = [run["last_hours"] for run in runs]
        rows.append(
            [
                attack["name"],
                f"{found} / {extractors}",
                f"{seen}",
                estimated(one["items_median"], ",.0f"),
                f"{most:,}" if most else "–",
                "never" if None in last else f"{max(last):,.0f} h",
                estimated(one["ring_items"], ",.0f"),
                estimated(one["work_factor"], ".1f"),
            ]
        )
    header = ["attack", "found", "suspect or found", "items each, median", "most", "last found"]
    return table([*header, "ring got", "work factor"], rows)


def compared(attacks: list[Document]) -> str:
    """Return the table of work factors under each detector."""
    names = [
        one["detector"]
        for one in attacks[0]["detectors"]
        if not one["detector"].startswith("ringfence without")
    ]
    rows = []
    for attack in attacks:
        by_name = {one["detector"]: one for one in attack["detectors"]}
        rows.append(
            [attack["name"]]
            + [
                f"{by_name[n]['work_factor']['mean']:.1f} ({by_name[n]['found']['mean']:.0%})"
                for n in names
            ]
        )
    return table(["attack", *names], rows)


def without_each(attacks: list[Document]) -> str:
    """Return the table of the change without each test, and the attack with the most change."""
    tests = [
        one["detector"]
        for one in attacks[0]["detectors"]
        if one["detector"].startswith("ringfence without")
    ]
    rows = []
    for name in tests:
        lost = {attack["name"]: _lost(attack, name) for attack in attacks}
        found, items = (sum(each) for each in zip(*lost.values(), strict=True))
        worst = min(lost, key=lambda attack: (lost[attack][0], -_more(attacks, attack, name)))
        more = _more(attacks, worst, name)
        of_all = sum(run["ring_items"] for attack in attacks for run in _runs(attack, "ringfence"))
        rows.append(
            [
                name.removeprefix("ringfence without "),
                f"{found:+,}",
                f"{items / of_all:+.1%}",
                f"{worst}: {lost[worst][0]:+,}, {more:+.0%}" if found or items else "–",
            ]
        )
    header = ["without", "accounts found", "items let out"]
    return table([*header, "lost most on: accounts found, items let out"], rows)


def _lost(attack: Document, without: str) -> tuple[int, int]:
    """Return the change in accounts found and in items let out without a test."""
    whole, left = _runs(attack, "ringfence"), _runs(attack, without)
    found, items = (
        sum(run[name] for run in left) - sum(run[name] for run in whole)
        for name in ("found", "ring_items")
    )
    return found, items


def _more(attacks: list[Document], name: str, without: str) -> float:
    """Return the change of one attack's items as a share."""
    attack = next(attack for attack in attacks if attack["name"] == name)
    whole = sum(run["ring_items"] for run in _runs(attack, "ringfence"))
    return _lost(attack, without)[1] / whole


def adaptive(results: dict[str, Document]) -> str:
    """Return the table of the adaptive attacker's best responses."""
    places = (
        ("adaptive30", "real account-months"),
        ("adaptive180", "simulated"),
        ("adaptive365", "simulated"),
    )
    rows = [
        [
            f"{point['days']} day{'' if point['days'] == 1 else 's'}",
            f"{results[name]['population']['accounts']:,} {where}",
            f"{point['items']:,.0f}",
            f"{point['work_factor']:.1f}" if point["work_factor"] else "–",
            f"{point['voracious_items']:,}",
            f"{point['voracious_work_factor']:.1f}",
        ]
        for name, where in places
        for point in results.get(name, {}).get("adaptive", [])
    ]
    header = ["account lives", "users", "items without a finding", "work factor"]
    return table([*header, "most voracious of 96 people", "their work factor"], rows)


def _runs(attack: Document, detector: str) -> list[Document]:
    return [
        run for one in attack["detectors"] if one["detector"] == detector for run in one["runs"]
    ]
