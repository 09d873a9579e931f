"""S35: a limit on every input; over it 4xx, never 5xx, and the server goes on."""

import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.security.stage import Do, fields
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import POLICY, Person, Relying, Running

FORM = "application/x-www-form-urlencoded"
PATHS = [
    "/authorize",
    "/par",
    "/token",
    "/introspect",
    "/revoke",
    "/userinfo",
    "/epoch",
    "/jwks",
    "/.well-known/openid-configuration",
    "/account",
    "/account/add/passkey",
    "/sign-out",
    "/sign-up/x.y",
    "/i/x",
    "/i/x/ways",
    "/i/x/why",
    "/i/x/again",
    "/healthz",
    "/readyz",
    "/static/x/y",
    "/nowhere",
]
BODIES = [
    b"x" * 100_000,
    b"%",
    b"a=%ff",
    b"a=1&" * 300,
    b"a=%00",
    b"\x00\x01",
    b"authorization_details=" + b"[" * 9000,
    b"claims=" + b'{"a":' * 2000,
    b"scope=" + b"a+" * 5000,
    b"token=" + b"a." * 9000,
    b"client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=" + b"a.b.c" * 3000,
    b"grant_type=authorization_code&code=" + b"x" * 20_000,
    b"username=" + b"n" * 30_000 + b"&password=" + b"p" * 30_000,
]


@pytest.mark.parametrize("path", PATHS)
def test_s35_hostile_bodies_give_4xx_and_never_5xx(server: Running, path: str) -> None:
    for body in BODIES:
        for kind in (FORM, "application/json", "multipart/form-data; boundary=x", ""):
            answer = server.http.post(server.issuer + path, content=body, headers={"content-type": kind})
            assert 300 < answer.status_code < 500, (path, body[:30], kind)


@pytest.mark.parametrize("path", PATHS)
def test_s35_hostile_queries_and_methods_give_4xx_and_never_5xx(server: Running, path: str) -> None:
    for query in (
        "%",
        "a=%ff",
        "a=%00",
        "a=1&" * 300,
        "x" * 9000,
        "claims=%7B%22a%22%3A" * 100,
        "ui_locales=" + "a+" * 500,
    ):
        assert server.http.get(f"{server.issuer}{path}?{query}").status_code < 500
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        assert 400 <= server.http.request(method, server.issuer + path).status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/i/" + "x" * 5000,
        "/i/%2e%2e",
        "/i/%00",
        "/i/..%2f",
        "/sign-up/" + "." * 3000,
        "/static/%ff/%fe",
        "/account/add/%0a",
    ],
)
def test_s35_hostile_paths_give_4xx_and_never_5xx(server: Running, path: str) -> None:
    assert 300 < server.http.get(server.issuer + path).status_code < 500


@pytest.mark.parametrize(
    "headers",
    [
        {"x-long": "x" * 20_000},
        {f"x-{n}": "1" for n in range(200)},
        {"cookie": "__Host-newel-s=" + "x" * 17_000},
    ],
)
def test_s35_long_headers_and_many_headers_are_refused(server: Running, headers: dict[str, str]) -> None:
    assert server.http.get(server.issuer + "/healthz", headers=headers).status_code == 431


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "__Host-newel-s=a.b; __Host-newel-b=" + "\xe4" * 64},
        {"cookie": "__Host-newel-s=" + "." * 4000},
        {"cookie": "; ".join(f"c{n}=1" for n in range(900))},
        {"authorization": "Basic \xff\xfe"},
        {"authorization": "Basic " + "A" * 9000},
        {"authorization": "Bearer " + "e30." * 2000},
        {"accept-language": "de;q=x," * 900},
        {"content-type": "application/x-www-form-urlencoded; charset=utf-7"},
    ],
)
def test_s35_hostile_header_values_never_give_5xx(server: Running, headers: dict[str, str]) -> None:
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    for path in ("/account", "/userinfo", "/authorize", "/i/x"):
        assert server.http.get(server.issuer + path, headers=raw).status_code < 500
    for path in ("/token", "/introspect", "/par", "/account"):
        told = {b"content-type": FORM.encode(), **raw}
        assert server.http.post(server.issuer + path, content=b"a=b", headers=told).status_code < 500


@pytest.mark.parametrize(
    "more",
    [
        {"state": "s" * 3000},
        {"nonce": "n" * 2000},
        {"scope": " ".join(["openid", *(f"s{n}" for n in range(50))])},
        {"acr_values": "a " * 400},
        {"max_age": "9" * 30},
        {"max_age": "-1"},
        {"max_age": "\u0661"},
        {"prompt": "nonesuch"},
        {"claims": "[" * 4000},
        {"claims": json.dumps({"id_token": {"acr": {"values": ["x"] * 5000}}})[:8000]},
        {"claims": json.dumps({"id_token": {f"c{n}": None for n in range(400)}})},
        {"authorization_details": "[" * 8000},
        {"authorization_details": json.dumps([{"type": "bank.transfer"}] * 50)},
        {"authorization_details": '[{"type":"bank.transfer","type":"bank.transfer","actions":["send"],"fields":{}}]'},
        {"id_token_hint": "a.b.c" * 2000},
        {"login_hint": "n" * 1000},
        {"resource": "https://elsewhere.example"},
        {"request": "e30.e30."},
        {"request_uri": "https://elsewhere.example/request"},
    ],
)
def test_s35_an_oversized_or_malformed_request_is_an_error_of_the_client(
    browser: Browser, bank: Relying, more: dict[str, str]
) -> None:
    answer = browser.get(authorize_url(bank.id, bank.redirect_uri, **more))
    assert answer.status in {303, 400, 414}
    assert "error" in answer.answer or answer.status in {400, 414}


@pytest.mark.parametrize(
    ("way", "field", "value"),
    [
        ("totp", "otp", "\u0661\u0662\u0663\u0664\u0665\u0666"),
        ("totp", "otp", "9" * 5000),
        ("passkey", "assertion", "{" * 9000),
        ("passkey", "assertion", json.dumps({"id": "x", "rawId": "x", "type": "public-key", "response": {}})),
        ("recovery_code", "recovery_code", "\ufeff" * 500),
        ("nonesuch", "otp", "1"),
        ("", "", ""),
    ],
)
def test_s35_a_hostile_proof_is_a_wrong_one(
    sign_in: Do, ask: Do, browser: Browser, alex: Person, way: str, field: str, value: str
) -> None:
    sign_in(alex)
    page = ask(acr_values="aal2")
    told = {"csrf": fields(page, "otp")["csrf"], "way": way, field or "x": value}
    answer = browser.post(page.url, told)
    assert 300 < answer.status < 500
    assert "code" not in answer.answer
    assert "code" in browser.submit(browser.get(page.url), otp=alex.code()).answer


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 5000 + b"\r\n",
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"0" * 4400 + b"5\r\n\r\nabcde",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"NONSENSE\r\n\r\n",
    ],
)
def test_s35_what_is_no_request_is_answered_or_closed_and_the_server_goes_on(server: Running, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(server.issuer).port or 0), timeout=60) as connection:
        connection.sendall(raw)
        answer = connection.recv(4096)
    assert answer == b"" or answer.split(b" ")[1][:1] == b"4", answer[:80]
    assert server.http.get(f"{server.issuer}/healthz").status_code == 200


BANK = POLICY.read_text("utf-8")


def condition(text: str) -> str:
    """The policy with another condition."""
    return BANK.replace("when: ctx.amount > 1000000", f"when: '{text}'")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BANK + "lists: {deep: " + "[" * 30 + "]" * 30 + "}\n", "nested deeper than"),
        (BANK + "lists: {deep: " + "[" * 100_000 + "]" * 100_000 + "}\n", "nested deeper than"),
        (BANK + "#" * 2_100_000, "a policy has at most"),
        (BANK + "lists: {long: [" + ",".join(["x"] * 210_000) + "]}\n", "more than 200000 parts"),
        (condition("(" * 5000 + "true" + ")" * 5000), "nested deeper than"),
        (condition("!" * 5000 + "true"), "nested deeper than"),
        (condition("ctx.amount > " + "9" * 5000), "does not fit in 64 bits"),
        (condition("ctx.amount" + " + ctx.amount" * 2000 + " > 1"), "nested deeper than"),
    ],
    ids=["depth", "great depth", "size", "parts", "brackets", "negations", "digits", "sums"],
)
def test_s35_a_policy_beyond_its_limits_is_refused_in_words(
    server: Running, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(text, "utf-8")
    done = server.cli("policy", "activate", str(file), "--reason", "a test")
    assert done.returncode not in {0, -6, -11}
    assert "Traceback" not in done.stderr
    assert str(file) in done.stdout + done.stderr
    assert words in done.stdout + done.stderr
