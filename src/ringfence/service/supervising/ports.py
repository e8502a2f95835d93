"""Check that the service can listen on its ports, before any process starts."""

from __future__ import annotations

import errno
import socket

from ringfence.errors import SettingsError


def check_port(host: str, port: int, setting: str) -> None:
    """Refuse an address on which nobody can listen now.

    Args:
        host: name or address.
        port: the port.
        setting: that names the port, for the error.

    Raises:
        SettingsError: the port is in use or not permitted, or the host is not one of this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as one:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind(address)
    except OSError as error:
        raise _refusal(error, host, port, setting) from error


def _refusal(error: OSError, host: str, port: int, setting: str) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            f"port {port} of {host} is in use",
            where=setting,
            hint="stop the program that uses it, or set another port",
        )
    if error.errno == errno.EACCES:
        return SettingsError(
            f"port {port} of {host} is not permitted",
            where=setting,
            hint="set a port above 1023",
        )
    return SettingsError(
        f"{host} is not an address of this machine: {error.strerror or error}",
        where="service.host",
        hint="127.0.0.1 is reached from this machine only, 0.0.0.0 from all networks",
    )
