"""Settings that nobody means: each is refused in one short line, or can be used."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import ringfence
from ringfence.errors import RingfenceError, SettingsError
from ringfence.lab.simulate import load_scenario
from ringfence.settings import Settings, load_settings, setting_names
from ringfence.toml_files import LARGEST_TOML

DEEP = {
    "lists": "x = " + "[" * 50_000,
    "closed lists": "x = " + "[" * 5_000 + "]" * 5_000,
    "tables": "x = " + "{a = " * 20_000,
    "a key": "a." * 100_000 + "b = 1",
    "a quoted key": '"a" . ' * 100_000 + "b = 1",
    "a header": "[" + "a." * 100_000 + "b]",
    "a key inside": "x = {" + "a." * 100_000 + "b = 1}",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_deep_nesting_is_refused_at_once(tmp_path: Path, text: str) -> None:
    """No depth of lists, tables or keys makes a traceback or takes minutes."""
    refused(tmp_path, text.encode())


NOT_SETTINGS = {
    "zeros": b"\0" * 5_000,
    "binary": bytes(range(256)) * 40,
    "UTF-16": "[uses]\n".encode("utf-16"),
    "Latin-1": "# é\n".encode("latin-1"),
    "half a sign": "# é".encode()[:-1],
    "a huge number": b"[engine]\nthreads = " + b"9" * 5_000,
    "a huge hexadecimal number": b"[engine]\nthreads = 0x" + b"f" * 50_000,
    "too large": b"#" * (LARGEST_TOML + 1),
    "a long name": b"x" * 50_000 + b" = 1",
    "a long value": b"[engine]\nthreads = '" + b"x" * 50_000 + b"'",
    "a hostile name": b'"\\u001b[31m\\n\\u202e" = 1',
    "twice": b"[uses]\n[uses]\n",
    "a date": b"uses = 1979-05-27",
    "no date": b"uses = 1979-13-45",
    "many rules": b"[[items.rules]]\npattern = '(?P<item>.)'\n" * 20_000,
    "a time": b"[engine]\nthreads = 07:32:00",
}


@pytest.mark.parametrize("content", NOT_SETTINGS.values(), ids=NOT_SETTINGS)
def test_other_content_is_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever is in the file, the error names it in one line without raw control signs."""
    refused(tmp_path, content)


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    """An editor that begins files with a mark does no harm."""
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbf[uses]\ndouble_click_seconds = 5\n")
    assert load_settings(tmp_path / "x.toml").uses.double_click_seconds == 5


@pytest.mark.parametrize("load", [load_settings, load_scenario])
def test_what_is_no_file_is_refused(tmp_path: Path, load: Callable[[Path], object]) -> None:
    """A folder, an endless device and a silent pipe end with a sentence, for a scenario too."""
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ringfence.small_files._PATIENCE", 50)
        for path in (tmp_path, Path("/dev/zero"), tmp_path / "pipe.toml", Path("/dev/tty0")):
            with pytest.raises(SettingsError):
                load(path)


def test_a_pipe_that_speaks_is_read(tmp_path: Path) -> None:
    """The shell's ``--config <(...)`` works."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = "[engine]\nthreads = 3\n"
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()
    assert load_settings(pipe).engine.threads == 3
    writer.join()


VALUES = (
    True, -1, 0, 2**31, 2**63, 2**64, 10**400, -(10**30), 0.5, 1e-320, 1e308,
    float("nan"), float("inf"), "", " ", "0", "nan", "\0", "a\0b", "x" * 5_000, "%", "%Y %Y",
    "%999999999d", "(" * 3_000, "(?P<item>a{99999999999})", "(?P<item>" + "(" * 3_000 + ")" * 3_001,
    "1KB", "0GB", "999999999TB", "1e9GB", "1.5.GB", "..", "/", "~", "{", "{account", "\ud800",
    [], [[]], [""], ["\0"], ["::/0", "x"], {}, {"": ""}, None, b"x",
)  # fmt: skip
"""Values of every kind that no setting, or only some settings, can have."""

LISTS = ("rules", "service.files", "service.kafka", "enforcement.streams")
"""Parts of names of settings in lists of tables. Their own tests give them wrong values."""

TOGETHER = dict.fromkeys(
    ("service.certificate", "service.certificate_key"),
    "service: set certificate and certificate_key together",
)
"""The sentence about settings of which one needs the other."""


@pytest.mark.parametrize(
    "name", [one for one in setting_names() if not any(part in one for part in LISTS)]
)
def test_any_value_is_used_or_refused_in_one_line(name: str) -> None:
    """Each absurd value of each setting gives settings, or a ``SettingsError`` that names it."""
    for value in VALUES:
        nested: object = value
        for part in reversed(name.split(".")):
            nested = {part: nested}
        line = error_of(lambda nested=nested: Settings.model_validate(nested))
        assert line == "" or line.startswith((name, TOGETHER.get(name, name))), value
        assert len(line) < 700
        assert line.isprintable()


@pytest.mark.parametrize(
    ("section", "setting", "value"),
    [
        ("engine", "threads", 10**9),
        ("engine", "memory_limit", "1KB"),
        ("engine", "memory_limit", "999TB" * 2),
        ("ledger", "recent_sources", 10**12),
        ("report", "findings_shown", 10**12),
        ("uses", "double_click_seconds", -1),
        ("verdicts", "false_accusation_rate", float("nan")),
        ("engine", "temp_directory", "x\0"),
        ("events", "time_format", "%Y %Y"),
    ],
)
def test_limits_that_no_engine_can_keep_are_refused(
    section: str, setting: str, value: object
) -> None:
    """The settings refuse what would make the engine fail later, or end the process."""
    with pytest.raises(SettingsError, match=f"{section}.{setting}: "):
        Settings.model_validate({section: {setting: value}})


USABLE: tuple[dict[str, dict[str, object]], ...] = (
    {"engine": {"temp_directory": "/proc/nowhere"}},
    {"engine": {"temp_directory": "/dev/null"}},
    {"engine": {"temp_directory": "x" * 300}},
    {"engine": {"memory_limit": "1MB"}},
    {"engine": {"memory_limit": "1000TB"}},
    {"verdicts": {"false_accusation_rate": 5e-324}},
    {"verdicts": {"false_accusation_rate": 1 - 1e-16}},
    {"ledger": {"recent_sources": 1_000_000}},
    {"report": {"findings_shown": 100_000}},
    {"catalogue": {"item": ""}},
    {"robots": {"networks": "/dev/null"}},
    {"robots": {"networks": "x" * 5_000}},
    {"places": {"prefixes": "/dev/null"}},
    {"places": {"prefixes": "x" * 5_000}},
    {"events": {"format": ""}},
    {"events": {"format": "x" * 5_000}},
    {"events": {"layout": "%h" * 2_000}},
    {"events": {"layout": '"'}},
    {"events": {"columns": {"ts": "'; DROP TABLE events; --"}}},
    {"events": {"columns": {"account": "x" * 5_000}}},
    {"items": {"rules": [{"pattern": "(?P<item>a{5000})"}]}},
    {"items": {"rules": [{"pattern": "(?P<item>(?=a))"}]}},
    {"items": {"rules": [{"pattern": r"(?P<item>(.)\2)"}]}},
)


@pytest.mark.slow
@pytest.mark.parametrize("sections", USABLE, ids=lambda one: str(one)[:60])
def test_a_scan_with_odd_settings_ends_in_one_line(
    tmp_path: Path, sections: dict[str, dict[str, object]]
) -> None:
    """Settings that only the engine or the disk can judge work, or are refused in one line."""
    log = tmp_path / "small.csv"
    log.write_text("ts,account,url\n2025-06-02T00:00:00Z,a,/item/1\n")
    line = error_of(lambda: ringfence.check(log, settings=Settings.model_validate(sections)))
    assert line.isprintable()
    assert len(line) < 8_000


def error_of(call: Callable[[], object]) -> str:
    """Return the line of the error that a call raises; empty if it succeeds."""
    try:
        call()
    except RingfenceError as error:
        return str(error)
    return ""


def refused(folder: Path, content: bytes) -> None:
    """Write a settings file that must be refused in one short line that names it."""
    path = folder / "x.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert line.isprintable()
    assert len(line) < len(str(path)) + 700
