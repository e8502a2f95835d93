"""Ask what clients declare, as a scan does: the engine matches them all at once."""

from __future__ import annotations

from ringfence.engine import open_engine
from ringfence.population.declared import find_declared_clients


def declare(*clients: str) -> list[str]:
    """Return what each client declares: robot, script or nothing."""
    with open_engine() as engine:
        engine.run("CREATE TEMP TABLE clients AS SELECT unnest($all) AS client", {"all": clients})
        find_declared_clients(engine)
        found = dict(engine.rows("SELECT client, declaration FROM declared_clients"))
    return [found.get(client, "") for client in clients]
