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


class AccountName:
    """The name of an account as texts have it: whole, not as a part of another name.

    Where a document has names of accounts, only the whole value counts.

    Args:
        account: the name.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        self._pattern = re.compile(rf"(?<![\w@.-]){re.escape(account)}(?![\w@-]|\.\w)")

    def is_in(self, value: Any) -> bool:  # noqa: ANN401 - any JSON value
        """Return whether a document or text has the name. A text can be a document itself."""
        if isinstance(value, dict):
            texts = ((key, one) for key, one in value.items() if key not in _NAMES)
            return self.is_named_by(value) or any(self.is_in(one) for _, one in texts)
        if isinstance(value, list):
            return any(map(self.is_in, value))
        if not isinstance(value, str):
            return False
        # The pattern alone would miss names with characters that JSON escapes.
        document = _document_in(value)
        return bool(self._pattern.search(value)) if document is None else self.is_in(document)

    def is_named_by(self, document: dict[str, Any]) -> bool:
        """Return whether a document is about the account: one of its names is this one."""
        facts = _document_in(document.get("facts", ""))
        if isinstance(facts, dict) and self.is_named_by(facts):
            return True
        values = [document[key] for key in _NAMES & document.keys()]
        return any(self._account in (one if isinstance(one, list) else [one]) for one in values)

    def taken_out(self, text: str) -> str:
        """Return a text with a mark in place of the name."""
        return self._pattern.sub(lambda _: ERASED_NAME, text)

    def taken_out_of(self, document: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return a document without the account: its data are left out, and its name in texts."""
        if isinstance(document, dict):
            kept = without_member(document, self._account)
            return {
                key: self._without(value) if key in _NAMES else self.taken_out_of(value)
                for key, value in kept.items()
            }
        if isinstance(document, list):
            return [self.taken_out_of(one) for one in document]
        return self.taken_out(document) if isinstance(document, str) else document

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
