"""The certificate and the key of the service, as its servers read them."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from granian.constants import SSLProtocols

from ringfence.errors import SettingsError, reason
from ringfence.service_settings import ServiceSettings


def tls_files(settings: ServiceSettings) -> dict[str, Any]:
    """Return the options of Granian that turn TLS on; empty without a certificate.

    Raises:
        SettingsError: a file cannot be read, or the key is not that of the certificate.
    """
    if not settings.certificate:
        return {}
    certificate, key = Path(settings.certificate), Path(settings.certificate_key)
    for path, name in ((certificate, "certificate"), (key, "certificate_key")):
        try:
            path.read_bytes()
        except OSError as error:
            raise SettingsError(
                f"cannot be read: {reason(error)}",
                where=f"service.{name}",
                hint="the user that runs the service must be able to read it",
            ) from error
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Without a password, OpenSSL would ask for it on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, ValueError, OSError) as error:
        said = getattr(error, "reason", None) or "the key may be encrypted"
        raise SettingsError(
            f"the certificate and its key cannot be used: {said}",
            where="service.certificate",
            hint="give the certificate with its chain, and its key without a password, as PEM",
        ) from error
    # TLS 1.3 alone would keep out the gateways of some distributions.
    return {"ssl_cert": certificate, "ssl_key": key, "ssl_protocol_min": SSLProtocols.tls12}
