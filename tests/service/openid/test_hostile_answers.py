"""Nobody logs in with an answer that is not the provider's to this login."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey
from tests.service.dashboard.desk import add_person, desk, log_in
from tests.service.openid.providers import (
    CLIENT,
    SECRET,
    OwnProvider,
    log_in_at,
    own_provider,
    service,
)

from ringfence.errors import SettingsError
from ringfence.service.openid import LoginAttempts, OpenIdLogin
from ringfence.service.openid.attempts import ATTEMPT_SECONDS
from ringfence.service.reviewers import read_reviewers
from ringfence.service_settings import ServiceSettings

VARIABLE = {"client_secret_env": "OPENID_SECRET"}
NOW = int(time.time())


@pytest.fixture
def provider() -> Iterator[OwnProvider]:
    """Run a provider."""
    with own_provider() as one:
        yield one


def test_the_code_is_exchanged_with_proof_and_secret(
    provider: OwnProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider sees PKCE, the redirect address twice, and the secret in the safe form."""
    monkeypatch.setenv("OPENID_SECRET", SECRET)
    chosen = service(provider.issuer, **VARIABLE)
    with desk(tmp_path, service=chosen) as opened:
        assert log_in_at(provider, opened.browser()).status_code == 303
        assert provider.proof
        assert provider.shown == f"{CLIENT}:a+secret%3A+of+the+client"
        address = "http://test/login/openid/return"
        assert (provider.sent["redirect_uri"], provider.asked[0]["redirect_uri"]) == (address,) * 2
        assert provider.sent["scope"] == "openid profile email"
        provider.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    with desk(tmp_path, service=chosen) as opened:
        assert log_in_at(provider, opened.browser()).status_code == 303
        assert provider.asked[1]["client_secret"] == SECRET


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another login"}, {"nonce": None}, {"iss": "https://evil.example"},
        {"aud": "another"}, {"aud": ["another", CLIENT]}, {"aud": [CLIENT, "b"], "azp": "b"},
        {"azp": "another"}, {"exp": NOW - 120}, {"exp": None}, {"exp": "later"}, {"sub": None},
        {"sub": ""}, {"sub": 7}, {"sub": "s" * 300}, {"iat": NOW + 3_600}, {"iat": None},
        {"nbf": NOW + 3_600},
    ],
    ids=", ".join,
)  # fmt: skip
def test_a_token_with_other_claims_is_refused(
    provider: OwnProvider, tmp_path: Path, claims: dict[str, Any]
) -> None:
    """A token for another login, client, provider or time begins no session."""
    provider.claims = claims
    with desk(tmp_path, service=service(provider.issuer)) as opened:
        browser = opened.browser()
        answer = log_in_at(provider, browser)
        assert answer.status_code == 503
        assert "The provider cannot be asked, or its answer is not valid." in answer.text
        assert browser.get("/").status_code == 303
        assert read_reviewers(opened.folder) == ()


@pytest.mark.parametrize("kind", ["none", "other key", "client secret", "public key as secret"])
def test_a_token_with_another_signature_is_refused(
    provider: OwnProvider, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither no signature counts, nor one with a key or secret that others can have."""
    monkeypatch.setenv("OPENID_SECRET", SECRET)
    assert isinstance(provider.key, ECKey)
    provider.published = provider.key
    match kind:
        case "none":
            provider.header = {"alg": "none"}
        case "other key":
            provider.key = ECKey.generate_key("P-256")
        case "client secret":
            provider.key, provider.header = OctKey.import_key(SECRET), {"alg": "HS256"}
        case _:
            pem = provider.key.as_pem(private=False)
            provider.key, provider.header = OctKey.import_key(_plain(pem)), {"alg": "HS256"}
    chosen = service(provider.issuer, **VARIABLE)
    with desk(tmp_path, service=chosen) as opened:
        browser = opened.browser()
        assert log_in_at(provider, browser).status_code == 503
        assert browser.get("/").status_code == 303


def _plain(pem: bytes) -> bytes:
    # The library refuses a PEM as a secret. An attacker would not.
    return pem.replace(b"-----", b"=====")


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "https://[::1"},
    ],
    ids=str,
)
def test_a_description_that_leads_elsewhere_is_refused(
    provider: OwnProvider, tmp_path: Path, about: dict[str, Any]
) -> None:
    """No browser is sent to an address, and no code to one, that a provider may not have."""
    provider.about = about
    with desk(tmp_path, service=service(provider.issuer)) as opened:
        answer = opened.browser().get("/login/openid")
        assert (answer.status_code, answer.headers.get("location")) == (503, None)


def test_an_answer_that_names_another_provider_is_refused(
    provider: OwnProvider, tmp_path: Path
) -> None:
    """A provider that says it names itself must do so, and must not name another (RFC 9207)."""
    provider.about = {"authorization_response_iss_parameter_supported": True}
    with desk(tmp_path, service=service(provider.issuer)) as opened:
        assert log_in_at(provider, opened.browser()).status_code == 503
        assert log_in_at(provider, opened.browser(), iss="https://evil.example").status_code == 503
        assert provider.asked == []
        assert log_in_at(provider, opened.browser(), iss=provider.issuer).status_code == 303


def test_claims_beyond_the_token_are_asked_for(provider: OwnProvider, tmp_path: Path) -> None:
    """Groups may come from the user info endpoint, but only for the same person."""
    provider.claims = {"groups": None}
    provider.more = {"sub": "another", "groups": ["desk"]}
    with desk(tmp_path, service=service(provider.issuer)) as opened:
        assert log_in_at(provider, opened.browser()).status_code == 503
        provider.more["sub"] = "s1"
        assert log_in_at(provider, opened.browser()).status_code == 303


@pytest.mark.parametrize(
    ("claims", "name_claim"),
    [
        ({"email_verified": False}, "email"),
        ({"email": None}, "email"),
        ({"email": 7}, "email"),
        ({"email": "Leo"}, "email"),
        ({"email": " leo "}, "email"),
        ({"email": "LEO"}, "email"),
        ({"email": "a\u202eb"}, "email"),
        ({"name": "x" * 200}, "name"),
    ],
    ids=str,
)
def test_a_name_that_could_be_another_persons_is_refused(
    provider: OwnProvider, tmp_path: Path, claims: dict[str, Any], name_claim: str
) -> None:
    """Nobody becomes a person with a password, nor one whose name nobody can read or check."""
    provider.claims = claims
    with desk(tmp_path, service=service(provider.issuer, name_claim=name_claim)) as opened:
        add_person(opened.folder, "Leo")
        answer = log_in_at(provider, opened.browser())
        assert (answer.status_code, "Your name cannot be used here" in answer.text) == (403, True)
        assert [one.name for one in read_reviewers(opened.folder)] == ["Leo"]


def test_an_unchecked_address_gives_no_role(provider: OwnProvider, tmp_path: Path) -> None:
    """At some providers, people can type any address, also that of a reviewer in the settings."""
    chosen = {"name_claim": "name", "role_claim": "email", "reviewers": ("mia@example.org",)}
    provider.claims = {"name": "Eve", "email": "mia@example.org", "email_verified": False}
    with desk(tmp_path, service=service(provider.issuer, **chosen)) as opened:
        assert log_in_at(provider, opened.browser()).status_code == 403
        provider.claims["email_verified"] = True
        assert log_in_at(provider, opened.browser()).status_code == 303


def test_a_person_keeps_the_name_and_gets_new_roles(provider: OwnProvider, tmp_path: Path) -> None:
    """A person who is renamed stays the same one, and sessions with the old role end."""
    with desk(tmp_path, service=service(provider.issuer)) as opened:
        first, second = opened.browser(), opened.browser()
        log_in_at(provider, first)
        provider.claims = {"email": "leo@example.org", "groups": ["chiefs"]}
        assert log_in_at(provider, second).status_code == 303
        people = [(one.name, one.role) for one in read_reviewers(opened.folder)]
        assert people == [("mia@example.org", "admin")]
        assert (first.get("/").status_code, second.get("/settings").status_code) == (303, 200)
        provider.claims = {"groups": []}
        assert log_in_at(provider, opened.browser()).status_code == 403
        assert second.get("/").status_code == 303


def test_without_the_provider_its_people_are_out(provider: OwnProvider, tmp_path: Path) -> None:
    """When the settings name no provider any more, its sessions end, and no password fits."""
    with desk(tmp_path, service=service(provider.issuer)) as opened:
        browser = opened.browser()
        log_in_at(provider, browser)
        cookie = browser.cookies["ringfence"]
    with desk(tmp_path) as opened:
        browser = opened.browser()
        browser.cookies.set("ringfence", cookie)
        assert browser.get("/").status_code == 303
        for password in ("", "the password of nobody"):
            assert log_in(browser, "mia@example.org", password).status_code == 401
        paths = ("", "/return", "/leave")
        assert [browser.get(f"/login/openid{one}").status_code for one in paths] == [404] * 3


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (None, (200, "OpenID Connect cannot be asked to log you out. Log out there.", 0)),
        ("http://evil.example/out", (503, "its answer is not valid", 1)),
        ("javascript:alert(1)", (503, "its answer is not valid", 1)),
        (["https://evil.example/"], (503, "its answer is not valid", 1)),
    ],
)
def test_a_logout_leads_nowhere_if_the_provider_has_no_proper_address(
    provider: OwnProvider,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    address: object,
    expected: tuple[int, str, int],
) -> None:
    """The login page says so instead, and the log names the logout."""
    provider.about["end_session_endpoint"] = address
    with desk(tmp_path, service=service(provider.issuer)) as opened:
        answer = opened.browser().get("/login/openid/leave")
    failed = [one for one in caplog.messages if "a logout at the provider failed: " in one]
    status, said, lines = expected
    assert (answer.status_code, said in answer.text, len(failed)) == (status, True, lines)
    assert "nobody logs in" not in caplog.text


def test_the_login_page_says_nothing_that_a_link_could_claim(
    provider: OwnProvider, tmp_path: Path
) -> None:
    """Anybody can make somebody open it, who has not logged out at all."""
    with desk(tmp_path, service=service(provider.issuer)) as opened:
        text = opened.browser().get("/login?left=yes").text
        assert "You may still be logged in at OpenID Connect." in text
        assert "have logged out" not in text


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_the_login_never_leads_elsewhere(
    provider: OwnProvider, tmp_path: Path, wanted: str
) -> None:
    """A page of another site is not what is shown after the login."""
    with desk(tmp_path, service=service(provider.issuer)) as opened:
        browser = opened.browser()
        begun = browser.get("/login/openid", params={"next": wanted})
        answer = browser.get(provider.visit(begun.headers["location"]))
        assert answer.headers["location"] == "/"


def test_a_login_has_ten_minutes() -> None:
    """A person who comes back later begins again, and a flood makes the oldest logins forgotten."""
    moments = [0.0]
    attempts = LoginAttempts(lambda: moments[0])
    late, early = attempts.begin("/"), attempts.begin("/x")
    moments[0] = ATTEMPT_SECONDS - 1
    assert attempts.finish(early.state, early.browser) is early
    assert attempts.finish(early.state, early.browser) is None
    moments[0] = ATTEMPT_SECONDS + 1
    assert attempts.finish(late.state, late.browser) is None
    oldest = attempts.begin("/")
    newest = [attempts.begin("/") for _ in range(20_000)][-1]
    assert attempts.finish(oldest.state, oldest.browser) is None
    assert attempts.finish(newest.state, "\ud800") is None
    assert attempts.finish(newest.state, newest.browser) is newest


def test_a_provider_that_is_down_is_told(tmp_path: Path) -> None:
    """The login page says it, and the form for passwords still works."""
    with desk(tmp_path, service=service("http://127.0.0.1:1")) as opened:
        add_person(opened.folder, "Leo")
        browser = opened.browser()
        assert "Log in with OpenID Connect" in browser.get("/login").text
        answer = browser.get("/login/openid")
        assert (answer.status_code, "The provider cannot be asked" in answer.text) == (503, True)
        assert log_in(browser, "Leo").status_code == 303


def test_a_secret_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    """One line names the variable or the file."""
    missing = ServiceSettings(**service("https://id.example", **VARIABLE))
    with pytest.raises(SettingsError, match="OPENID_SECRET is not set"):
        OpenIdLogin(missing, {})
    (tmp_path / "secret").write_text("\n")
    for name, said in (("secret", "has no secret"), ("none", "cannot be read")):
        given = service("https://id.example", client_secret_file=str(tmp_path / name))
        with pytest.raises(SettingsError, match=said):
            OpenIdLogin(ServiceSettings(**given))


@pytest.mark.parametrize(
    ("openid", "said"),
    [
        ({"issuer": "http://id.example"}, "not an address with https"),
        ({"issuer": "https://id.example?x"}, "not an address with https"),
        ({"issuer": "https://a@id.example"}, "not an address with https"),
        ({"issuer": "https://id.example"}, "set client_id"),
        ({"issuer": "https://id.example", "client_id": "a"}, "nobody could log in"),
        ({"scopes": ["profile"]}, "one of them is openid"),
        ({**service("https://id.example")["openid"]}, "set public_url"),
    ],
    ids=str,
)
def test_settings_that_let_nobody_or_everybody_in_are_refused(
    openid: dict[str, Any], said: str
) -> None:
    """A section that is not complete is refused when the settings are read."""
    with pytest.raises(ValueError, match=said):
        ServiceSettings(openid=openid)  # type: ignore[arg-type] # pydantic reads it
