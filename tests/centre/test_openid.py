"""Signing in through a provider: real HTTP on loopback, and everything that somebody could try on the way."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from ceasefire.centre.accounts import Accounts
from ceasefire.centre.openid import link, read_set_up
from ceasefire.model.errors import CeasefireError, InputError, UsageError
from ceasefire.model.roles import Role

from .conftest import HOST, ClientOf
from .provider import CLIENT, SECRET, Provider
from .visitor import SECOND, Centre, Clock, Visitor

BACK = "session/openid/callback"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> Iterator[Provider]:
    made = Provider(clock)
    yield made
    made.stop()


def set_up(centre: Centre, provider: Provider, **changes: str) -> None:
    """Write the administrator's file, and link the analyst."""
    folder = centre.folder / "accounts"
    (folder / "openid.secret").write_text(f"{SECRET}\n")
    said = {
        "format": 1, "name": "Mission ID", "issuer": provider.issuer, "client_id": CLIENT,
        "client_secret_file": "openid.secret", **changes,
    }  # fmt: skip
    (folder / "openid.yaml").write_text(json.dumps(said))
    with Accounts(centre.folder) as accounts:
        link(accounts, "ana", "s-1", by="adm")


@pytest.fixture
def visitor(centre: Centre, provider: Provider, clients: ClientOf, clock: Clock) -> Visitor:
    set_up(centre, provider)
    return Visitor(clients(centre.folder, clock=clock))


def go(visitor: Visitor, path: str) -> Any:
    """Follow a link in the visitor's browser; take the cookies, stay where one is sent on."""
    sent = {"cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())}
    answer = visitor.client.get(f"/api/v1/{path}", headers=sent, follow_redirects=False)
    visitor.client.cookies.clear()
    for said in answer.headers.get_list("set-cookie"):
        name, _, value = said.split(";")[0].partition("=")
        visitor.cookies[name] = value.strip('"')
    return answer


def begin(visitor: Visitor, provider: Provider) -> str:
    """Begin at the centre, sign in at the provider; return what its answer brings back."""
    answer = go(visitor, "session/openid")
    assert answer.status_code == 302, answer.text
    return f"{BACK}?{urlsplit(provider.authorise(answer.headers['location'])).query}"


def who(visitor: Visitor) -> str | None:
    told: str | None = visitor.get("session").json()["account"]
    return told


def test_whoever_the_provider_vouches_for_is_the_one_who_was_linked(visitor: Visitor, provider: Provider) -> None:
    assert visitor.get("session").json()["provider"] == "Mission ID"
    answer = go(visitor, begin(visitor, provider))
    assert (answer.status_code, answer.headers["location"]) == (302, "/sign-in")
    told = visitor.get("session").json()
    assert (told["account"], told["roles"], told["is_signed_in"]) == ("ana", ["analyst"], True)
    assert "samesite=strict" in str(answer.headers.get_list("set-cookie")).lower()
    assert provider.asked == ["GET /.well-known/openid-configuration", "POST /token", "GET /keys"]


def test_what_goes_out_is_bound_to_this_browser_and_this_address(visitor: Visitor) -> None:
    answer = go(visitor, "session/openid")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == [f"http://{HOST}/api/v1/{BACK}"]
    assert (asked["scope"], asked["code_challenge_method"]) == (["openid"], ["S256"])
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    cookie = str(answer.headers.get_list("set-cookie")).lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and f"path=/api/v1/{BACK}" in cookie
    assert SECRET not in answer.headers["location"]


def test_a_role_that_needs_a_second_factor_needs_it_here_too(
    centre: Centre, visitor: Visitor, provider: Provider
) -> None:
    provider.subject = "s-2"
    provider.changes = {"amr": ["mfa"], "roles": ["administrator"], "role": "administrator"}
    with Accounts(centre.folder) as accounts:
        link(accounts, "head", "s-2", by="adm")
    go(visitor, begin(visitor, provider))
    told = visitor.get("session").json()
    assert (told["account"], told["due"], told["roles"]) == ("head", "second-factor", ["public"])


def test_what_a_provider_says_of_roles_is_nothing(visitor: Visitor, provider: Provider) -> None:
    provider.changes = {"roles": ["administrator"], "groups": ["head"], "account": "adm"}
    go(visitor, begin(visitor, provider))
    assert visitor.get("session").json()["roles"] == [Role.ANALYST.value]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"aud": None},
        {"iss": None},
        {"nonce": "n-of-another-sign-in"},
        {"nonce": None},
        {"exp": None},
        {"exp": "never"},
        {"iat": None},
        {"sub": None},
        {"sub": 7},
        {"sub": "s-nobody"},
        {"exp": 1_600_000_000, "iat": 1_599_999_000},
        {"iat": 1_900_000_000, "exp": 1_900_000_300},
    ],
)
def test_a_word_that_does_not_hold_lets_nobody_in(
    changes: dict[str, Any], visitor: Visitor, provider: Provider
) -> None:
    provider.changes = changes
    answer = go(visitor, begin(visitor, provider))
    assert answer.status_code == 401, answer.text
    assert who(visitor) is None


def unsigned(claims: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "kid": "one"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def test_a_token_that_nobody_signed_lets_nobody_in(visitor: Visitor, provider: Provider) -> None:
    provider.raw_token = unsigned
    assert go(visitor, begin(visitor, provider)).status_code == 401
    assert who(visitor) is None


def test_a_token_signed_with_the_public_key_as_a_secret_lets_nobody_in(visitor: Visitor, provider: Provider) -> None:
    public = provider.key.as_pem(private=False)
    for key in (OctKey.import_key(SECRET), OctKey.import_key(base64.b64encode(public).decode())):
        provider.raw_token = lambda claims, key=key: jwt.encode({"alg": "HS256", "kid": "one"}, claims, key)  # type: ignore[misc]
        assert go(visitor, begin(visitor, provider)).status_code == 401
    assert who(visitor) is None


def test_a_token_of_another_key_lets_nobody_in_and_a_new_key_of_the_provider_does(
    visitor: Visitor, provider: Provider
) -> None:
    go(visitor, begin(visitor, provider))
    visitor.cookies.clear()
    other = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    provider.signing_key = other
    assert go(visitor, begin(visitor, provider)).status_code == 401
    provider.key = other
    assert go(visitor, begin(visitor, provider)).status_code == 302
    assert who(visitor) == "ana"


def test_an_answer_works_once(visitor: Visitor, provider: Provider) -> None:
    back = begin(visitor, provider)
    handle = visitor.cookies["ceasefire-openid"]
    assert go(visitor, back).status_code == 302
    visitor.cookies = {"ceasefire-openid": handle}
    assert go(visitor, back).status_code == 401
    assert who(visitor) is None


def test_an_answer_is_worth_nothing_in_another_browser_or_with_another_state(
    centre: Centre, visitor: Visitor, provider: Provider
) -> None:
    back = begin(visitor, provider)
    thief = Visitor(visitor.client)
    assert go(thief, back).status_code == 401
    go(thief, "session/openid")  # a sign-in of its own, to which the stolen answer does not belong
    assert go(thief, back).status_code == 401
    assert who(thief) is None
    wrong = back.replace("state=", "state=x")
    assert go(visitor, wrong).status_code == 401
    assert go(visitor, back).status_code == 401, "a try uses it up"


def test_an_answer_comes_within_ten_minutes(visitor: Visitor, provider: Provider, clock: Clock) -> None:
    back = begin(visitor, provider)
    clock.forward(601)
    assert go(visitor, back).status_code == 401
    assert clock.now > SECOND


def test_an_answer_of_another_provider_is_not_taken(visitor: Visitor, provider: Provider) -> None:
    back = begin(visitor, provider)
    mixed = back.replace("iss=http", "iss=https")
    assert go(visitor, mixed).status_code == 401
    assert "POST /token" not in provider.asked


@pytest.mark.parametrize(
    "query", ["", "?error=access_denied&state=x", "?code=&state=", "?code=1&code=2&state=a&state=b"]
)
def test_a_call_out_of_nowhere_is_refused_with_a_sentence(query: str, visitor: Visitor) -> None:
    answer = go(visitor, f"{BACK}{query}")
    assert answer.status_code == 401
    assert answer.json()["do"]


def test_accounts_that_are_shut_unlinked_or_reset_stay_shut(
    centre: Centre, visitor: Visitor, provider: Provider
) -> None:
    with Accounts(centre.folder) as accounts:
        accounts.disable("ana", by="adm")
        assert go(visitor, begin(visitor, provider)).status_code == 401
        accounts.enable("ana", by="adm")
        accounts.unlink("ana", by="adm")
        assert go(visitor, begin(visitor, provider)).status_code == 401
        link(accounts, "ana", "s-1", by="adm")
        assert go(visitor, begin(visitor, provider)).status_code == 302
        accounts.reset("ana", by="adm")
        visitor.cookies.clear()
        assert go(visitor, begin(visitor, provider)).status_code == 401
        changes = [entry.payload.get("change") for entry in accounts.history("ana")]
        assert changes[-4:-1] == [None, "openid-unlinked", "openid-linked"]


def test_a_link_is_of_one_account_and_of_one_with_a_password_of_its_own(centre: Centre, visitor: Visitor) -> None:
    with Accounts(centre.folder) as accounts:
        with pytest.raises(UsageError, match="linked to ana already"):
            link(accounts, "mon", "s-1", by="adm")
        accounts.add("new", name="New Person", role=Role.ANALYST, by="adm")
        with pytest.raises(UsageError, match="no password of its own"):
            link(accounts, "new", "s-9", by="adm")
        with pytest.raises(UsageError, match="no account"):
            link(accounts, "nobody", "s-9", by="adm")
        with pytest.raises(UsageError, match="is no subject"):
            link(accounts, "mon", "", by="adm")


def test_an_address_that_names_one_counts_only_where_it_was_verified(
    centre: Centre, provider: Provider, clients: ClientOf, clock: Clock
) -> None:
    set_up(centre, provider, claim="email")
    visitor = Visitor(clients(centre.folder, clock=clock))
    provider.changes = {"email": "s-1"}
    assert go(visitor, begin(visitor, provider)).status_code == 401
    provider.changes = {"email": "s-1", "email_verified": True}
    assert go(visitor, begin(visitor, provider)).status_code == 302


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_describes_itself_as_another_is_not_asked_further(
    described: dict[str, Any], visitor: Visitor, provider: Provider
) -> None:
    provider.described = described
    answer = go(visitor, "session/openid")
    assert answer.status_code in (401, 500)
    assert "location" not in answer.headers
    assert provider.asked == ["GET /.well-known/openid-configuration"]


def test_a_provider_that_does_not_answer_is_said_to(visitor: Visitor, provider: Provider) -> None:
    provider.stop()
    answer = go(visitor, "session/openid")
    assert answer.status_code == 401
    assert "cannot be reached" in answer.json()["what"]


def test_without_a_file_there_is_no_provider_and_nothing_is_asked(centre: Centre, clients: ClientOf) -> None:
    visitor = Visitor(clients(centre.folder, clock=Clock()))
    assert visitor.get("session").json()["provider"] is None
    assert go(visitor, "session/openid").status_code == 404
    assert go(visitor, BACK).status_code == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"issuer": "http://id.example.org"}, "no https:// address"),
        ({"issuer": None}, "issuer"),
        ({"colour": "red"}, "colour"),
        ({"client_secret_file": "missing"}, "cannot be read"),
        ({"client_secret_file": None}, "no secret"),
    ],
)
def test_a_file_that_is_wrong_stops_the_server_with_a_sentence(
    changes: dict[str, str | None], says: str, centre: Centre, provider: Provider, clients: ClientOf
) -> None:
    set_up(centre, provider)
    path = centre.folder / "accounts" / "openid.yaml"
    said = {name: value for name, value in {**json.loads(path.read_text()), **changes}.items() if value is not None}
    path.write_text(json.dumps(said))
    with pytest.raises((CeasefireError, InputError), match=says):
        clients(centre.folder)
    assert read_set_up(centre.folder.parent) is None
