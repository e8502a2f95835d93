"""``ringfence policy``: show, test and import the policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.case_options import AsJson, Cases
from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config, config_file, settings_from

if TYPE_CHECKING:
    from ringfence.settings import Settings

policy_app = plain_app(help="Show, test and import the policy: which finding leads to what.")


@policy_app.command()
def show(config: Config = None, as_json: AsJson = False) -> None:
    """Say the policy in force in words."""
    from ringfence.cli.consoles import output_console  # noqa: PLC0415 - help does not need it
    from ringfence.policy.words import in_words  # noqa: PLC0415 - as above
    from ringfence.visible import visible  # noqa: PLC0415 - as above

    policy = settings_from(config).policy
    if as_json:
        typer.echo(policy.model_dump_json(indent=2))
        return
    for sentence in in_words(policy):
        output_console().print(visible(sentence), markup=False)


@policy_app.command("test")
def replay(  # noqa: PLR0913, PLR0917 - one parameter per option
    ledger: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Ledger of the daily scans, or of the live service.",
        ),
    ],
    other: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            metavar="FILE",
            help="Settings file with another [policy], to be compared with the one in force.",
        ),
    ] = None,
    last: Annotated[
        int, typer.Option(metavar="DAYS", min=1, max=3650, help="Number of days to replay.")
    ] = 14,
    catalogue: Annotated[
        Path | None, typer.Option(metavar="FILE", help="List of all items, as for a scan.")
    ] = None,
    accounts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Table of accounts, from which their classes come."),
    ] = None,
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Replay a policy over past days: which accounts it would have affected, and when.

    Each day is judged as by a scan at the end of that day. If there is a case store,
    its grants apply as they did on that day. An account about which a person had already decided
    waits for a person. The replay takes the time of one scan per day, without reading logs, and the
    memory of one scan. Days whose sources are merged in the
    ledger cannot be replayed, see ledger.recent_sources. Nothing is changed.

    The ledger of service.folder may be in use: a copy of it is read. Its days are cut by the times
    in it, because the service merges its sources.
    """
    # Loaded here, because help and wrong usage do not need them.
    from ringfence.cases import open_store  # noqa: PLC0415
    from ringfence.cli.consoles import output_console, progress_console  # noqa: PLC0415
    from ringfence.cli.policy_table import render, replay_to_json  # noqa: PLC0415
    from ringfence.cli.progress import watched  # noqa: PLC0415
    from ringfence.pipeline.known_findings import known_left_to_people, known_thefts, permitted  # noqa: PLC0415
    from ringfence.pipeline.policy_replay import replay_policies  # noqa: PLC0415
    from ringfence.settings import load_settings  # noqa: PLC0415

    settings = load_settings(config_file(config))
    policies = {"in force": settings.policy}
    if other:
        policies["other"] = load_settings(other).policy
    url = cases or settings.cases.url
    with open_store(url, create=False) if url else nullcontext() as store:
        exemptions = permitted(store, settings)
        left, stolen = known_left_to_people(store), known_thefts(store)
    with watched(progress_console()) as progress, _to_replay(ledger, settings) as (path, is_live):
        result = replay_policies(
            path,
            policies,
            settings,
            last=last,
            catalogue=catalogue,
            accounts=accounts,
            exemptions=exemptions,
            left_to_people=left,
            stolen=stolen,
            progress=progress,
            by_time=is_live,
        )
    if as_json:
        typer.echo(json.dumps(replay_to_json(result), indent=2))
    else:
        render(result, output_console())


@contextmanager
def _to_replay(ledger: Path, settings: Settings) -> Iterator[tuple[Path, bool]]:
    """Give the ledger to read, and whether it is that of the service, which is copied."""
    from ringfence.service.files import ServiceFolder  # noqa: PLC0415 - help does not need it
    from ringfence.service.questions.ledger_copy import copied_ledger  # noqa: PLC0415 - as above

    folder = ServiceFolder(Path(settings.service.folder))
    if not ledger.exists() or ledger.resolve() != folder.ledger.resolve():
        yield ledger, False
        return
    with copied_ledger(folder, settings.service.free_disk_mb * 1_000_000) as copy:
        yield copy or ledger, True


@policy_app.command("import-ezproxy")
def import_ezproxy(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", show_default=False, help="EZproxy's config.txt."),
    ],
    as_json: AsJson = False,
) -> None:
    """Print the UsageLimit lines of EZproxy as a policy in TOML.

    Comments say which options have no equivalent. Nothing is written.
    """
    from ringfence.policy.ezproxy import policy_of, read_configuration  # noqa: PLC0415

    text = policy_of(read_configuration(file))
    if as_json:
        import tomllib  # noqa: PLC0415 - rarely needed

        text = json.dumps(tomllib.loads(text), indent=2) + "\n"
    typer.echo(text, nl=False)
