"""``ringfence serve``: the live service, beside a catalogue all year."""

from __future__ import annotations

from pathlib import Path

from ringfence.cli.config import Config, config_file, settings_from


def serve(config: Config = None) -> None:
    """Take events, judge accounts and answer gateways, until the command is stopped.

    Everything is in one folder, service.folder in the settings. The command may be stopped or
    killed at any moment. At the next start it continues where it stopped.

    Exit status: 0 if it was stopped by SIGTERM or the keyboard; 2 if it cannot run.
    """
    # Loaded here, because help and wrong usage do not need them.
    from ringfence.service.files import ServiceFolder, bring_to_form  # noqa: PLC0415
    from ringfence.service.serving import (  # noqa: PLC0415
        ServiceLog,
        check_table_files,
        tls_files,
    )
    from ringfence.service.supervising import Supervisor, check_port  # noqa: PLC0415
    from ringfence.service.supervising.entries import service_processes  # noqa: PLC0415

    settings = settings_from(config)
    service = settings.service
    file = config_file(config)
    folder = ServiceFolder(Path(service.folder))
    tls_files(service)
    check_table_files(service)
    say = ServiceLog("service", service.log_format, named=False)
    supervisor = Supervisor(folder, service_processes(settings), file, say)

    def begin() -> None:
        # Loaded while the libraries of the processes are.
        from ringfence.cases import open_store  # noqa: PLC0415
        from ringfence.ledger import check_ledger  # noqa: PLC0415

        check_port(service.host, service.port, "service.port")
        check_port(service.host, service.port_of_authorize, "service.authorize_port")
        bring_to_form(folder)
        # Made or upgraded before several processes open it.
        open_store(settings.cases.url or folder.cases).close()
        # The judge brings an older one up to date, and could do nothing with a refused one.
        check_ledger(folder.ledger, settings)
        host = f"[{service.host}]" if ":" in service.host else service.host
        web = "https" if service.certificate else "http"
        gate = web if service.authorize_tls else "http"
        say(f"pages are at   {web}://{host}:{service.port}/")
        say(f"events go to   {web}://{host}:{service.port}/api/v1/events")
        say(f"gateways ask   {gate}://{host}:{service.port_of_authorize}/api/v1/authorize")
        say(f"files are in   {service.folder}")

    supervisor.run(begin)
