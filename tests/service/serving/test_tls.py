"""With a certificate, both servers speak TLS; one that cannot be used is one line."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from tests.service.ingest.test_process import free_port
from tests.service.serving.certificates import write_certificate
from tests.service.supervising.test_serve import Serving, serve
from tests.service.supervising.test_supervisor import until

from ringfence.errors import SettingsError
from ringfence.service.serving import tls_files
from ringfence.service_settings import ServiceSettings

__all__ = ["serve"]

FILES = 'certificate = "service.pem"\ncertificate_key = "service.key"\n'


def is_ok(address: str, trusted: ssl.SSLContext) -> bool:
    """Return whether an address answers its probe."""
    with suppress(httpx.TransportError):
        return httpx.get(address, verify=trusted).is_success
    return False


@pytest.mark.slow
def test_both_servers_speak_tls(serve: Callable[..., Serving], tmp_path: Path) -> None:
    """A client that knows the certificate is answered; one without TLS, or with an old one, not."""
    write_certificate(tmp_path)
    service = serve(FILES)
    trusted = ssl.create_default_context(cafile=str(tmp_path / "service.pem"))
    for port in (service.port, service.port + 1):
        until(lambda port=port: is_ok(f"https://127.0.0.1:{port}/healthz", trusted))  # type: ignore[misc] # bound now
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/healthz")
        with pytest.raises(httpx.ConnectError, match="self-signed"):
            httpx.get(f"https://127.0.0.1:{port}/healthz")
        with (
            socket.create_connection(("127.0.0.1", port)) as one,
            trusted.wrap_socket(one, server_hostname="127.0.0.1") as spoken,
        ):
            assert spoken.version() == "TLSv1.3"
    assert any(line.startswith("events go to   https://") for line in service.said)
    assert service.stop() == 0


@pytest.mark.slow
def test_gateways_on_the_same_machine_may_ask_without(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    """A setting leaves TLS to the port for events."""
    write_certificate(tmp_path)
    service = serve(f"{FILES}authorize_tls = false\n")
    plain = ssl.create_default_context()
    until(lambda: is_ok(f"http://127.0.0.1:{service.port + 1}/healthz", plain))
    assert any(line.startswith("gateways ask   http://") for line in service.said)


def test_a_certificate_that_cannot_be_used_is_one_line(serve: Callable[..., Serving]) -> None:
    """The service does not start without TLS instead."""
    service = serve(FILES)
    assert service.process.wait(60) == 2
    (line,) = service.said
    assert "service.certificate: cannot be read: No such file" in line


@pytest.mark.parametrize("case", ["other", "encrypted", "empty"])
def test_files_that_do_not_belong_together_are_refused(tmp_path: Path, case: str) -> None:
    """A key of another certificate, a key with a password, and an empty file name the setting."""
    write_certificate(tmp_path, password=b"secret" if case == "encrypted" else b"")
    write_certificate(tmp_path, "other")
    key = "other" if case == "other" else "service"
    if case == "empty":
        (tmp_path / "service.pem").write_bytes(b"")
    settings = ServiceSettings(
        certificate=str(tmp_path / "service.pem"), certificate_key=str(tmp_path / f"{key}.key")
    )
    with pytest.raises(SettingsError, match="cannot be used") as refused:
        tls_files(settings)
    assert refused.value.where == "service.certificate"


def test_a_certificate_without_its_key_is_refused() -> None:
    """Both are set, or neither."""
    assert tls_files(ServiceSettings(port=free_port())) == {}
    with pytest.raises(ValidationError, match="together"):
        ServiceSettings(certificate="service.pem")
