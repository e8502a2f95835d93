"""The entries of the processes: each calls its process with what the settings say.

An entry imports its process when it is called, so this module loads no library of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from ringfence.service.files import ServiceFolder
from ringfence.service.supervising.ports import check_port
from ringfence.service.supervising.process_table import ServiceProcess
from ringfence.settings import Settings

if TYPE_CHECKING:
    from ringfence.events.items import Preset
    from ringfence.service.authorize import GatewayTokenCheck
    from ringfence.service.tokens import TokenCheck

Note = Callable[[str], None]
"""A function for lines that an operator should see."""

_HERE: Final = "ringfence.service.supervising.entries"
_AUTHORIZE: Final = "authorize"
_CHOSEN_BY_SOURCE: Final = frozenset({"auto", "learned"})
"""Choices of item rules that depend on a source, so no URI can be read by them alone."""


def service_processes(settings: Settings) -> tuple[ServiceProcess, ...]:
    """Return the processes of the service, in the order of their start."""
    service = settings.service
    tailer = (_process("tailer", None, "tailer"),)
    return (
        _process("judge", None, "judge"),
        *(tailer if service.files or service.kafka else ()),
        _process(_AUTHORIZE, service.port_of_authorize, "authorize"),
        _process("ingest", service.port, "ingest.process"),
    )


def _process(name: str, port: int | None, module: str) -> ServiceProcess:
    return ServiceProcess(name, f"{_HERE}:{name}", port, (f"ringfence.service.{module}",))


def judge(folder: ServiceFolder, settings: Settings, note: Note) -> None:
    """Fold, scan and deliver."""
    from ringfence.service.judge import JudgeOptions, run_judge  # noqa: PLC0415 - see above

    service = settings.service
    options = JudgeOptions(
        scan_seconds=service.scan_every,
        keep_days=service.keep_days,
        screens=service.screening,
    )
    run_judge(folder, settings, options, note)


def ingest(folder: ServiceFolder, settings: Settings, _note: Note) -> None:
    """Take events."""
    from ringfence.service.ingest.process import run  # noqa: PLC0415 - see above

    run(folder, settings)


def tailer(folder: ServiceFolder, settings: Settings, note: Note) -> None:
    """Follow log files and Kafka."""
    from ringfence.service.tailer import run_tailer  # noqa: PLC0415 - see above

    run_tailer(folder, settings, note)


def authorize(
    folder: ServiceFolder,
    settings: Settings,
    _note: Note,
    clock: Callable[[], float] = time.time,
) -> None:
    """Answer gateways. Budgets and decisions count by the clock, in seconds since 1970."""
    from ringfence.pseudonym_key import open_key  # noqa: PLC0415 - see above
    from ringfence.service.authorize import (  # noqa: PLC0415 - see above
        AccountNaming,
        AuthorizeOptions,
        ItemReading,
        run,
    )
    from ringfence.service.exposure.budget import BudgetRule  # noqa: PLC0415 - see above
    from ringfence.service.exposure.state import ExposureSize  # noqa: PLC0415 - see above
    from ringfence.service.serving import tls_files  # noqa: PLC0415 - see above

    service = settings.service
    # Granian would not say in one line that another program has the port by now.
    check_port(service.host, service.port_of_authorize, "service.authorize_port")
    names = {one.name for one in fields(BudgetRule) if one.init}
    account = settings.account
    naming = AccountNaming(account.key, account.ipv6_prefix, account.parameters)
    tokens = _tokens(folder)
    check, exist = token_checks(folder, tokens, service.host)
    options = AuthorizeOptions(
        host=service.host,
        port=service.port_of_authorize,
        cases=settings.cases.url,
        budget=BudgetRule(**service.budget.model_dump(include=names)),
        size=ExposureSize(**service.exposure.model_dump()),
        shadow=not service.budget.enforce,
        fail_open=service.fail_open,
        reading=ItemReading(_preset(settings), naming),
        pseudonym_key=open_key(settings.privacy.pseudonym_key),
        token_check=check,
        tokens_exist=exist,
        token_uses=tokens.last_uses,
        clock=clock,
        tls=tls_files(service) if service.authorize_tls else {},
    )
    run(folder, options)


def _preset(settings: Settings) -> Preset | None:
    """Return the item rules of the settings; None if they name none."""
    from ringfence.events import items  # noqa: PLC0415 - see above

    if settings.items.rules:
        return items.own(settings.items.rules)
    chosen = settings.items.preset
    return None if chosen in _CHOSEN_BY_SOURCE else items.preset(chosen)


def _tokens(folder: ServiceFolder) -> TokenCheck:
    """Return the tokens of the service, with the times at which gateways used them."""
    from ringfence.service.files import read_status  # noqa: PLC0415 - see above
    from ringfence.service.tokens import TokenCheck  # noqa: PLC0415 - see above

    return TokenCheck(folder, (read_status(folder, _AUTHORIZE) or {}).get("tokens"))


def token_checks(
    folder: ServiceFolder, known: TokenCheck, host: str
) -> tuple[GatewayTokenCheck, Callable[[], bool]]:
    """Return what says which tokens of gateways are right, and whether gateways need one.

    They need one if there is one, and if other machines reach the service: anybody there could
    use up the allowance of any account.
    """
    from ringfence.openid_settings import is_local  # noqa: PLC0415 - see above
    from ringfence.service.tokens import read_tokens  # noqa: PLC0415 - see above

    def check(token: str, scope: str) -> bool:
        found = known.find(f"Bearer {token}")
        return found is not None and (scope in found.scopes or "admin" in found.scopes)

    def exist() -> bool:
        return not is_local(host) or any(_AUTHORIZE in one.scopes for one in read_tokens(folder))

    return check, exist
