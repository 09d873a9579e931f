"""What has to fit together in a configuration."""

import pytest

from newel.config.check import faults, origin_fault, warnings
from newel.config.tree import Config, Keys, Lives, Organisation, Secrets, Server, Storage, Webauthn

PUBLIC = "https://id.bank.example"
EVERYWHERE = ".".join("0000")


@pytest.mark.parametrize(
    "origin",
    [
        "https://id.example",
        "https://id.example:8443",
        "http://localhost:8400",
        "http://127.0.0.1:1",
        "http://[::1]:8400",
    ],
)
def test_an_origin_is_https_or_this_machine(origin: str) -> None:
    assert origin_fault(origin) is None


@pytest.mark.parametrize(
    "origin",
    [
        "http://id.example",
        "https://id.example/",
        "https://id.example/tenant",
        "https://id.example?x=1",
        "https://id.example#x",
        "https://ID.example",
        "https://name@id.example",
        "https://id.example:443",
        "http://localhost:80",
        "https://id.example:0",
        "https://id.example:99999",
        "https://[::1",
        "https://",
        "ftp://id.example",
        "id.example",
        "",
    ],
)
def test_every_other_origin_is_refused(origin: str) -> None:
    assert origin_fault(origin)


def test_the_default_configuration_has_no_fault() -> None:
    assert faults(Config()) == []


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (Config(server=Server(issuer="http://id.example")), "https"),
        (Config(server=Server(host="example.com")), "not an IP address"),
        (Config(server=Server(host=EVERYWHERE)), "danger_public_listener"),
        (Config(server=Server(host="::")), "danger_public_listener"),
        (Config(server=Server(host="8.8.8.8")), "danger_public_listener"),
        (Config(server=Server(issuer=PUBLIC), webauthn=Webauthn(rp_id="other.example")), "parent domain"),
        (Config(server=Server(issuer=PUBLIC), webauthn=Webauthn(rp_id="ank.example")), "parent domain"),
        (Config(server=Server(issuer=PUBLIC), webauthn=Webauthn(rp_id="example")), "top-level"),
        (Config(webauthn=Webauthn(origins=("http://bank.example",))), "https"),
        (Config(webauthn=Webauthn(origins=("https://bank.example",))), "parent domain"),
        (Config(organisation=Organisation(name=" ")), "printable"),
        (Config(organisation=Organisation(name="a\nb")), "printable"),
        (Config(organisation=Organisation(help_address="javascript:alert(1)")), "https://"),
        (Config(organisation=Organisation(locale="fr")), "none of en, de"),
        (Config(organisation=Organisation(zone="Mars/Olympus")), "IANA"),
        (Config(organisation=Organisation(zone="../../etc/passwd")), "IANA"),
        (Config(storage=Storage(checkpoint_file=Storage().database)), "outside the database"),
        (Config(storage=Storage(checkpoint_file=Storage().database.with_name("newel.db-wal"))), "outside the database"),
        (Config(secrets=Secrets(master_key_file=Storage().checkpoint_file)), "are one file"),
        (Config(keys=Keys(overlap=3600), lives=Lives(access_token=3601)), "outlive the key"),
        (Config(lives=Lives(session=300, interaction=600)), "outlive its session"),
    ],
)
def test_s34_what_does_not_fit_together_is_refused(config: Config, words: str) -> None:
    assert any(words in fault for fault in faults(config)), faults(config)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "10.0.0.4", "192.168.1.4", "fd00::4"])
def test_loopback_and_private_listeners_are_safe(host: str) -> None:
    assert faults(Config(server=Server(host=host))) == []


def test_s34_a_danger_that_is_on_says_so_loudly() -> None:
    assert warnings(Config()) == []
    (said,) = warnings(Config(server=Server(danger_public_listener=True)))
    assert said.startswith("DANGER: server.danger_public_listener is on. ")
