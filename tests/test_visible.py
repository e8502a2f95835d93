"""Outside text can be seen for what it is."""

from hypothesis import given
from hypothesis import strategies as st

from ringfence.visible import clip, visible


def test_bidi_and_terminal_signs_are_written_out() -> None:
    """Signs that reorder text or drive a terminal appear as their codes."""
    assert visible("a\u202eb\x1b[2J\x00") == "a\\u{202e}b\\u{1b}[2J\\u{0}"


def test_ordinary_text_in_any_script_is_left_alone() -> None:
    """Letters, marks and signs of ordinary writing are not changed."""
    for text in ("Łódź", "東京", "naïve – “quoted”", "20\N{NARROW NO-BREAK SPACE}000", "<b>"):
        assert visible(text) == text


@given(st.text())
def test_any_text_becomes_printable_utf8(text: str) -> None:
    """Whatever the text, the result is encodable, has no line break and no hidden sign."""
    shown = visible(text)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1
    assert not any(ord(sign) < 32 or 0x202A <= ord(sign) <= 0x202E for sign in shown)


@given(st.text(), st.integers(1, 50))
def test_clipping_keeps_the_limit_and_the_beginning(text: str, limit: int) -> None:
    """A clipped text is never longer than asked and starts as the text does."""
    short = clip(text, limit)
    assert len(short) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
