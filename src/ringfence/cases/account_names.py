"""Recognise the name of an account in texts and documents, and take it out."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ringfence.cases.member_data import without_member

ERASED_NAME: Final = "[erased]"
"""Stands for the name of an account in a text that stays."""

_NAMES: Final = frozenset({"accounts", "account", "subject", "id"})
"""Keys of documents whose values are names of accounts, and no texts."""


_FIXED_WORDS: Final = frozenset(
    {"kind", "verdict", "test", "action", "state", "outcome", "effect", "event", "author"}
    | {"recorded_by", "answered_by", "ended_by", "released_by", "first", "last"}
)
"""Keys of documents whose values are words of the program, times, or names of reviewers."""

_NOT_TEXTS: Final = _NAMES | _FIXED_WORDS

_PROGRAM_TEXT: Final = re.compile(
    r"replaced by decision \d+|appeal \d+ was granted|its time is over"
)
"""Texts that the program writes and reads again."""


def is_plain(account: str) -> bool:
    """Return whether a name is one word or a number, so that a text may have it by chance."""
    return account.isalpha() or account.isdigit()


class AccountName:
    """The name of an account as texts have it: whole, not as a part of another name.

    Where a document has names of accounts, only the whole value counts.

    Args:
        account: the name.
        in_texts: whether texts are searched as well, and not only the names of accounts.
    """

    def __init__(self, account: str, *, in_texts: bool = True) -> None:
        self._account = account
        self._in_texts = in_texts
        # 900 is another number than 1,900 and 900.5.
        inside = (r"(?<!\d,)", r"(?!,\d)") if account.isdigit() else ("", "")
        whole = rf"(?<![\w@.-]){inside[0]}{re.escape(account)}(?![\w@-]|\.\w){inside[1]}"
        self._pattern = re.compile(whole)

    def is_in(self, value: Any) -> bool:  # noqa: ANN401 - any JSON value
        """Return whether a document or text has the name. A text can be a document itself."""
        if isinstance(value, dict):
            texts = ((key, one) for key, one in value.items() if key not in _NOT_TEXTS)
            return self.is_named_by(value) or any(self.is_in(one) for _, one in texts)
        if isinstance(value, list):
            return any(map(self.is_in, value))
        if not isinstance(value, str):
            return False
        # The pattern alone would miss names with characters that JSON escapes.
        document = _document_in(value)
        return self._is_in_text(value) if document is None else self.is_in(document)

    def _is_in_text(self, text: str) -> bool:
        if not self._in_texts or _PROGRAM_TEXT.fullmatch(text):
            return False
        return self._pattern.search(text) is not None

    def is_named_by(self, document: dict[str, Any]) -> bool:
        """Return whether a document is about the account: one of its names is this one."""
        facts = _document_in(document.get("facts", ""))
        if isinstance(facts, dict) and self.is_named_by(facts):
            return True
        values = [document[key] for key in _NAMES & document.keys()]
        return any(self._account in (one if isinstance(one, list) else [one]) for one in values)

    def taken_out(self, text: str) -> str:
        """Return a text with a mark in place of the name."""
        return self._pattern.sub(lambda _: ERASED_NAME, text) if self._is_in_text(text) else text

    def taken_out_of(self, document: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return a document without the account: its data are left out, and its name in texts."""
        if isinstance(document, dict):
            kept = without_member(document, self._account)
            return {key: self._edited(key, value) for key, value in kept.items()}
        if isinstance(document, list):
            return [self.taken_out_of(one) for one in document]
        return self.taken_out(document) if isinstance(document, str) else document

    def _edited(self, key: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if key in _NAMES:
            return self._without(value)
        return value if key in _FIXED_WORDS else self.taken_out_of(value)

    def _without(self, names: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(names, list):
            return [one for one in names if one != self._account]
        return ERASED_NAME if names == self._account else names


def _document_in(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON object or list that a text is; None if it is plain text."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
