"""Forms of clients that nobody knows take little memory, and not for long."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from tests.service.dashboard.desk import desk

from ringfence.service.dashboard.forms import read_form

TYPE = (b"content-type", b"application/x-www-form-urlencoded")


def test_half_a_form_is_not_waited_for() -> None:
    """A client that stops in the middle gets 408, and its bytes are given back."""
    pieces = [{"type": "http.request", "body": b"name=" + b"x" * 99, "more_body": True}]

    async def receive() -> dict[str, Any]:
        if pieces:
            return pieces.pop()
        await asyncio.sleep(60)
        raise AssertionError

    request = Request({"type": "http", "method": "POST", "headers": [TYPE]}, receive)
    with pytest.raises(HTTPException) as refused:
        asyncio.run(read_form(request, seconds=0.05))
    assert refused.value.status_code == 408


def test_a_form_without_its_end_is_refused() -> None:
    """The service does not fail if a client goes away."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    request = Request({"type": "http", "method": "POST", "headers": [TYPE]}, receive)
    with pytest.raises(HTTPException) as refused:
        asyncio.run(read_form(request))
    assert refused.value.status_code == 400


def test_anybody_can_send_a_small_login_only(tmp_path: Path) -> None:
    """Nobody has to log in to send this form, so its size is small."""
    with desk(tmp_path) as opened:
        answer = opened.browser().post("/login", data={"name": "x" * 20_000})
        assert answer.status_code == 413
