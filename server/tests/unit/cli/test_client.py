"""`newel client`."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newel.cli.client import plain
from newel.crypto.keys import generate
from newel.domain.client import Authentication, Client

Newel = Callable[..., Any]
BACK = ("--redirect-uri", "http://localhost:8401/callback")


def test_add_prints_the_secret_once(newel: Newel, folder: Path) -> None:
    done = newel("client", "add", "bank", *BACK)
    assert done.code == 0
    secret = done.out.splitlines()[-1]
    assert len(secret) == 64
    assert secret not in newel("client", "show", "bank").out
    assert secret.encode() not in b"".join(file.read_bytes() for file in folder.iterdir())


def test_every_option_is_kept(newel: Newel, folder: Path) -> None:
    done = newel(
        *("client", "add", "bank-web", "--name", "The Bank", *BACK, "--redirect-uri", "com.example.bank:/back"),
        *(
            "--auth",
            "client_secret_post",
            "--scope",
            "accounts",
            "--scope",
            "transfers",
            "--audience",
            "https://bank.example",
        ),
        *("--resource", "https://api.bank.example", "--action-type", "bank.transfer", "--pkce", "optional"),
        *("--acr-voluntary", "--minimum-acr", "aal2", "--strict-audience", "--introspects", "--id-token-alg", "RS256"),
        *("--states", "bank.transfer", "--states", "todo", "--states", "todo"),
    )
    assert done.code == 0
    shown = newel("client", "show", "bank-web", "--json").json
    shown.pop("created_at")
    assert shown == {
        "client_id": "bank-web",
        "client_name": "The Bank",
        "token_endpoint_auth_method": "client_secret_post",
        "redirect_uris": ["http://localhost:8401/callback", "com.example.bank:/back"],
        "scope": "openid accounts transfers",
        "audience": "https://bank.example",
        "resources": ["https://api.bank.example"],
        "action_types": ["bank.transfer"],
        "pkce": "optional",
        "acr_voluntary": True,
        "minimum_acr": "aal2",
        "id_token_alg": "RS256",
        "introspects": True,
        "states": ["bank.transfer", "todo"],
    }
    assert "bank.transfer" in newel("client", "show", "bank-web").out


def test_what_is_given_is_changed_and_all_else_stays(newel: Newel, folder: Path) -> None:
    newel("client", "add", "bank", *BACK, "--scope", "accounts", "--introspects")
    before = newel("client", "show", "bank", "--json").json
    done = newel("client", "change", "bank", "--states", "bank.transfer", "--states", "todo", "--no-introspects")
    assert (done.code, done.out) == (0, "bank is changed.\n")
    after = newel("client", "show", "bank", "--json").json
    assert after == {**before, "states": ["bank.transfer", "todo"], "introspects": False}
    assert newel("client", "change", "bank", "--states", "", "--json").json == {**after, "states": []}


def test_a_minimum_and_an_audience_can_be_taken_away(newel: Newel, folder: Path) -> None:
    newel("client", "add", "bank", *BACK, "--minimum-acr", "aal2", "--audience", "https://bank.example")
    changed = newel("client", "change", "bank", "--minimum-acr", "none", "--audience", "", "--json").json
    assert (changed["minimum_acr"], changed["audience"]) == (None, None)


def test_a_new_secret_is_printed_once_and_is_another(newel: Newel, folder: Path) -> None:
    first = newel("client", "add", "bank", *BACK, "--json").json["client_secret"]
    changed = newel("client", "change", "bank", "--new-secret", "--json").json
    assert len(changed["client_secret"]) == 64
    assert changed["client_secret"] != first
    assert "client_secret" not in newel("client", "change", "bank", "--name", "Bank", "--json").json


def test_a_change_of_how_a_client_authenticates_makes_or_ends_its_secret(newel: Newel, folder: Path) -> None:
    newel("client", "add", "bank", *BACK)
    public = newel("client", "change", "bank", "--auth", "none", "--json").json
    assert (public["token_endpoint_auth_method"], "client_secret" in public) == ("none", False)
    assert "has no secret" in newel("client", "change", "bank", "--new-secret").err
    assert "client_secret" in newel("client", "change", "bank", "--auth", "client_secret_post", "--json").json


def test_a_change_that_would_not_be_registered_changes_nothing(newel: Newel, folder: Path) -> None:
    newel("client", "add", "bank", *BACK)
    before = newel("client", "show", "bank", "--json").json
    for refused in (
        ("--redirect-uri", ""),
        ("--auth", "private_key_jwt"),
        ("--scope", 'a"b'),
        ("--auth", "none", "--states", "todo"),
        (),
        ("--name", "bank"),
    ):
        assert newel("client", "change", "bank", *refused).code == 2
    assert newel("client", "change", "other", "--name", "x").code == 1
    assert newel("client", "show", "bank", "--json").json == before


def test_json_carries_the_secret_only_at_the_addition(newel: Newel, folder: Path) -> None:
    assert "client_secret" in newel("client", "add", "bank", *BACK, "--json").json
    assert "client_secret" not in newel("client", "list", "--json").json[0]


def test_a_public_client_has_no_secret(newel: Newel, folder: Path) -> None:
    assert "client_secret" not in newel("client", "add", "app", *BACK, "--auth", "none", "--json").json


def test_private_key_jwt_takes_public_keys_from_a_file(newel: Newel, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    key = generate("ES256", created_at=0, active_at=0).public_jwk
    file.write_text(json.dumps({"keys": [key]}), encoding="utf-8")
    done = newel("client", "add", "fapi", *BACK, "--auth", "private_key_jwt", "--jwks", str(file), "--json")
    assert done.code == 0
    assert "client_secret" not in done.json


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not a JWK Set"),
        ("[]", "not a JWK Set"),
        ('{"keys": []}', "no key"),
        ('{"keys": [{"kty": "oct", "k": "AAAA"}]}', "not a JWK Set"),
        ('{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA"}]}', "not a JWK Set"),
        ("\\udc00", "not a JWK Set"),
    ],
)
def test_s26_bad_keys_are_refused(newel: Newel, folder: Path, tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(content, encoding="utf-8")
    done = newel("client", "add", "fapi", *BACK, "--auth", "private_key_jwt", "--jwks", str(file))
    assert done.code == 2
    assert words in done.err
    assert newel("client", "list", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bank",), "--redirect-uri"),
        (("bank", "--redirect-uri", "http://bank.example/"), "https"),
        (("bank", "--redirect-uri", "https://bank.example/#x"), "fragment"),
        (("ba nk", *BACK), "letters"),
        (("bank", *BACK, "--name", " "), "printable"),
        (("bank", *BACK, "--scope", 'a"b'), "RFC 6749"),
        (("bank", *BACK, "--audience", "bank"), "absolute URI"),
        (("bank", *BACK, "--resource", "https://a.example/#x"), "absolute URI"),
        (("bank", *BACK, "--action-type", "bank transfer"), "bank.transfer"),
        (("bank", *BACK, "--states", "bank transfer"), "bank.transfer"),
        (("bank", *BACK, "--auth", "private_key_jwt"), "--jwks"),
        (("bank", *BACK, "--auth", "none", "--pkce", "optional"), "always uses PKCE"),
        (("bank", "--auth", "none", "--introspects"), "cannot introspect"),
        (("bank", *BACK, "--auth", "none", "--states", "todo"), "cannot ask"),
        (("bank", *BACK, "--minimum-acr", "aal9"), "invalid choice"),
        (("bank", *BACK, "--jwks", "/nowhere/jwks.json"), "cannot be read"),
    ],
)
def test_what_cannot_be_registered_is_a_usage_error(
    newel: Newel, folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = newel("client", "add", *arguments)
    assert done.code == 2
    assert words in done.err


def test_an_identifier_is_taken_once(newel: Newel, folder: Path) -> None:
    newel("client", "add", "bank", *BACK)
    done = newel("client", "add", "bank", *BACK)
    assert done.code == 1
    assert "newel client show bank" in done.err


def test_a_resource_server_needs_no_redirect(newel: Newel, folder: Path) -> None:
    assert newel("client", "add", "api", "--introspects").code == 0
    assert re.search(r"^introspects +yes$", newel("client", "show", "api").out, re.MULTILINE)


def test_who_only_asks_for_decisions_needs_no_redirect(newel: Newel, folder: Path) -> None:
    assert newel("client", "add", "api", "--states", "bank.transfer").code == 0
    assert re.search(r"^states facts of +bank\.transfer$", newel("client", "show", "api").out, re.MULTILINE)


def test_remove_forgets_it(newel: Newel, folder: Path) -> None:
    newel("client", "add", "bank", *BACK)
    assert newel("client", "remove", "bank").code == 0
    assert newel("client", "list").out.splitlines() == ["id  name  authentication  redirect URIs"]
    assert newel("client", "remove", "bank").code == 1
    assert newel("client", "show", "bank").code == 1


def test_json_never_carries_the_hash_of_a_secret() -> None:
    held = Client(
        id="a", name="a", authentication=Authentication.BASIC, redirect_uris=(), created_at=0, secret_hash=b"h"
    )
    assert "hash" not in json.dumps(plain(held))
