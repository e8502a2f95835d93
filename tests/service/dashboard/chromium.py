"""Drive a real Chromium through its DevTools protocol, over two pipes."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
"""The program, or None."""

_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-pipe", "--hide-scrollbars",
)  # fmt: skip
_START = """
import fcntl, os, sys
given, told = (fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3])
os.dup2(given, 3)
os.dup2(told, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads from its file 3 and writes to its file 4."""

_SECONDS = 30.0


class Tab:
    """One tab, in a profile of its own.

    Attributes:
        complaints: errors and warnings that the browser has told, such as a script that the content
            security policy has stopped.
    """

    def __init__(self, pipe: Pipe, session: str) -> None:
        self._pipe = pipe
        self._session = session
        self.complaints: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Call a method of the protocol."""
        answer = self._pipe.call(method, parameters, self._session)
        self._listen()
        return answer

    def open(self, address: str) -> None:
        """Open an address, and wait until it is there.

        Another page can come first: the one before is shown for a while, and a form that was just
        sent may answer late. So the document that this very call has loaded is awaited.
        """
        loader = self.call("Page.navigate", url=address)["loaderId"]
        end = time.monotonic() + _SECONDS
        while self.call("Page.getFrameTree")["frameTree"]["frame"]["loaderId"] != loader:
            assert time.monotonic() < end, f"{address} did not come"
            time.sleep(0.05)
        self.wait("document.readyState === 'complete'")

    def run(self, script: str) -> Any:  # noqa: ANN401 - any JSON
        """Run a script in the page, and return its value."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str, seconds: float = _SECONDS) -> None:
        """Wait until a condition holds in a page whose text is whole, also across a change."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.run(f"document.readyState !== 'loading' && Boolean({condition})"):
                    return
            except (AssertionError, RuntimeError):
                pass  # the page has just changed
            time.sleep(0.05)
        raise AssertionError(f"{condition} did not happen on {self.run('document.body.innerText')}")

    def attribute(self, selector: str, name: str) -> str:
        """Wait for an element, and return one of its attributes."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.wait(found)
        return str(self.run(f"{found}.getAttribute({json.dumps(name)})"))

    def focus(self, selector: str) -> None:
        """Wait for an element, and give it the focus."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.wait(found)
        self.run(f"{found}.focus()")

    def see(self, text: str) -> None:
        """Wait until the page shows a text."""
        self.wait(f"document.body.innerText.includes({json.dumps(text)})")

    def click(self, selector: str) -> None:
        """Click in the middle of an element, as a mouse does."""
        self.wait(f"document.querySelector({json.dumps(selector)})")
        place = self.run(
            f"(() => {{const one = document.querySelector({json.dumps(selector)});"
            "one.scrollIntoView({block: 'center'}); const box = one.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]})()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left",
                clickCount=1,
            )  # fmt: skip

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def fill(self, selector: str, text: str) -> None:
        """Type a text into a field."""
        self.click(selector)
        self.type(text)

    def press(self, key: str, *, control: bool = False) -> None:
        """Press a key."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        code = {"Enter": 13, "Escape": 27}.get(key, ord(key.upper()[0]))
        for kind, typed in (("keyDown", text), ("keyUp", "")):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, text=typed,
                windowsVirtualKeyCode=code,
                modifiers=2 if control else 0,
            )  # fmt: skip

    def send(self) -> None:
        """Send the form that has the focus, and wait for the page that answers."""
        self.run("window.isBefore = true")
        self.press("Enter")
        self.wait("!window.isBefore")

    def look_like(self, width: int, height: int = 900, *, dark: bool = False) -> None:
        """Give the window a size and a scheme of colours."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
            mobile=width < 500,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path) -> None:
        """Write a picture of what the window shows."""
        answer = self.call("Page.captureScreenshot")
        path.write_bytes(base64.b64decode(answer["data"]))

    def _listen(self) -> None:
        for event in self._pipe.events(self._session):
            details = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                self.complaints.append(str(details["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded" and details["entry"]["level"] == "error":
                self.complaints.append(str(details["entry"]["text"]))


class Pipe:
    """The connection to the browser: JSON documents that end with a zero byte."""

    def __init__(self, given: int, told: int) -> None:
        self._given, self._told = given, told
        self._number = 0
        self._rest = b""
        self._events: list[dict[str, Any]] = []

    def call(self, method: str, parameters: dict[str, Any], session: str = "") -> dict[str, Any]:
        """Call a method, and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._given, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                result: dict[str, Any] = answer["result"]
                return result
            if "method" in answer:
                self._events.append(answer)

    def events(self, session: str) -> list[dict[str, Any]]:
        """Return what a tab has told since the last time."""
        mine = [one for one in self._events if one.get("sessionId") == session]
        self._events = [one for one in self._events if one.get("sessionId") != session]
        return mine

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            assert select.select([self._told], [], [], _SECONDS)[0], "the browser is silent"
            piece = os.read(self._told, 1 << 20)
            assert piece, "the browser has ended"
            self._rest += piece
        text, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(text)
        return found


class Chromium:
    """A running browser."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def tab(self) -> Tab:
        """Open a tab that shares no cookies with the others."""
        context = self._pipe.call("Target.createBrowserContext", {})["browserContextId"]
        target = self._pipe.call(
            "Target.createTarget", {"url": "about:blank", "browserContextId": context}
        )["targetId"]
        attached = self._pipe.call("Target.attachToTarget", {"targetId": target, "flatten": True})
        return Tab(self._pipe, attached["sessionId"])


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """Start a browser without a window, and end it."""
    assert CHROMIUM is not None
    read_given, given = os.pipe()
    told, write_told = os.pipe()
    start = [sys.executable, "-c", _START, str(read_given), str(write_told)]
    command = [*start, CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        command, pass_fds=(read_given, write_told), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for end in (read_given, write_told):
        os.close(end)
    try:
        yield Chromium(Pipe(given, told))
    finally:
        process.terminate()
        process.wait(timeout=_SECONDS)
        for end in (given, told):
            os.close(end)
