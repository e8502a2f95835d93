"""Links into the operator's own tools lead to the address that the template gives."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import SettingsError
from ringfence.page_templates import check_page_template, page_url
from ringfence.settings import Settings

TEMPLATES = (
    "https://admin.example.org/users/{account}",
    "http://10.0.0.1:8080/u?id={account}&from=report",
    "https://[2001:db8::1]/{account}/{account}",
    "https://admin.example.org?user={account}",
    "https://admin.example.org/#/users/{account}/edit",
)

REFUSED = {
    "javascript:alert('{account}')": "must begin with http",
    "JavaScript://x/%0aalert({account})": "must begin with http",
    "data:text/html,{account}": "must begin with http",
    "//example.org/{account}": "must begin with http",
    "/users/{account}": "must begin with http",
    "ftp://example.org/{account}": "must begin with http",
    "https://{account}.example.org/": "must begin with http",
    "https://example.org{account}/": "must begin with http",
    "https://user:secret@example.org/{account}": "must begin with http",
    "https://example.org\\@evil.example/{account}": "must begin with http",
    "https:///users/{account}": "must begin with http",
    "https://[bad/{account}": "must begin with http",
    "https://example.org/users": "placeholder {account}",
    "https://example.org/{user}": "placeholder {account}",
    "https://example.org/{item}": "placeholder {account}",
    "https://example.org/{account}/{item}": "placeholder {account}",
    "https://example.org/{account!r}": "placeholder {account}",
    "https://example.org/{account": "placeholder {account}",
    "https://example.org/{{account}}": "placeholder {account}",
    "https://example.org/{account}}": "placeholder {account}",
    "https://example.org/a b/{account}": "spaces",
    "https://example.org/\n{account}": "spaces",
    "https://example.org/\u202e{account}": "spaces",
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_accepted_and_filled_in(template: str) -> None:
    """The placeholder is replaced wherever it is, and nothing else is changed."""
    check_page_template(template, "account")
    assert page_url(template, "u-1") == template.replace("{account}", "u-1")


@pytest.mark.parametrize("template", REFUSED)
def test_a_template_that_could_lead_elsewhere_is_refused(template: str) -> None:
    """Other schemes, places in the host, other placeholders and stray braces are an error."""
    with pytest.raises(SettingsError, match="account_url") as error:
        Settings.model_validate({"report": {"account_url": template}})
    assert REFUSED[template] in str(error.value)
    assert "\n" not in str(error.value)


def test_each_setting_has_its_own_placeholder() -> None:
    """An item's address takes the item, and no setting stands for no link."""
    item = Settings.model_validate({"report": {"item_url": "https://example.org/{item}"}})
    assert item.report.item_url == "https://example.org/{item}"
    with pytest.raises(SettingsError, match=r"report.item_url.*placeholder \{item\}"):
        Settings.model_validate({"report": {"item_url": "https://example.org/{account}"}})
    assert Settings().report.account_url == Settings().report.item_url == ""
    assert page_url("", "u-1") == ""


@given(st.text(min_size=1))
def test_any_value_stays_in_its_place(value: str) -> None:
    """No value changes scheme, host, path segments, query or fragment around it."""
    plain = urlsplit(page_url("https://admin.example.org/users/{account}/edit?a=1#top", value))
    if not plain.geturl():
        assert set(value) <= {"."}
        return
    assert plain[:2] == ("https", "admin.example.org")
    assert plain[3:] == ("a=1", "top")
    _, users, filled, edit = plain.path.split("/")
    assert (users, edit) == ("users", "edit")
    assert unquote(filled) == value.encode("utf-8", "replace").decode()
    assert filled.isascii()
    assert not set(filled) & set("<>\"' &")


@pytest.mark.parametrize("value", [".", "..", "...", ""])
def test_dots_have_no_page(value: str) -> None:
    """A browser would resolve them, so that the link led to another page."""
    assert page_url(TEMPLATES[0], value) == ""
