"""Reading newel.toml and the environment."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.config import ConfigError, Loaded, load, read
from newel.config.key import Place, places
from newel.config.tree import Config

FOLDER = Path("/srv/newel")
BOUNDED = [place for place in places(Config) if place.key.low is not None]


def reading(text: str = "", **environment: str) -> Loaded:
    return read(text, environment, name="newel.toml", folder=FOLDER)


def faults(text: str = "", **environment: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        reading(text, **environment)
    return caught.value.faults


def told(text: str, **environment: str) -> Loaded | tuple[str, ...]:
    try:
        return reading(text, **environment)
    except ConfigError as error:
        return error.faults


def test_an_empty_file_gives_every_default() -> None:
    loaded = reading()
    assert loaded.config.lives.access_token == 300
    assert loaded.config.issuer == "http://localhost:8400"
    assert set(loaded.sources.values()) == {"default"}


def test_paths_are_under_the_folder_of_the_file() -> None:
    config = reading('[secrets]\nmaster_key_file = "/run/secrets/newel"').config
    assert config.storage.database == FOLDER / "newel.db"
    assert config.secrets.master_key_file == Path("/run/secrets/newel")


def test_the_environment_wins_over_the_file_and_sources_say_so() -> None:
    loaded = reading("[server]\nport = 9000\nworkers = 2", NEWEL_SERVER__PORT="9001")
    assert (loaded.config.server.port, loaded.config.server.workers) == (9001, 2)
    assert loaded.sources["server.port"] == "NEWEL_SERVER__PORT"
    assert loaded.sources["server.workers"] == "newel.toml"


def test_the_environment_writes_lists_with_commas_and_booleans_as_words() -> None:
    config = reading(
        NEWEL_SERVER__ISSUER="https://id.bank.example",
        NEWEL_WEBAUTHN__RP_ID="bank.example",
        NEWEL_WEBAUTHN__ORIGINS="https://www.bank.example, https://app.bank.example",
        NEWEL_SERVER__DANGER_PUBLIC_LISTENER="true",
        NEWEL_SERVER__HOST="8.8.8.8",
    ).config
    assert config.origins == ("https://id.bank.example", "https://www.bank.example", "https://app.bank.example")
    assert config.rp_id == "bank.example"
    assert config.server.danger_public_listener


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[lives]\nacces_token = 60", "Unknown key lives.acces_token. Did you mean lives.access_token?"),
        ("[live]\ncode = 60", "Unknown section [live]. Did you mean lives?"),
        ('issuer = "https://id.example"', "Unknown section [issuer]. Did you mean server.issuer?"),
        ("lives = 3", "lives is a section: write [lives] on a line of its own."),
        ("[webauthn]\norigins = []", "webauthn.origins is an empty list; leave it out instead."),
        ('[server]\nport = "8400"', "server.port: Expected int, got str (newel.toml)."),
        ("[server]\nport = true", "server.port: Expected int, got bool (newel.toml)."),
        ("[storage]\ndatabase = 3", "storage.database has to be a path in quotes."),
        ('[storage]\ndatabase = ""', "storage.database has to be a path in quotes."),
    ],
)
def test_s34_a_wrong_name_or_type_stops_the_start(text: str, fault: str) -> None:
    assert faults(text) == (fault,)


def test_s34_an_unknown_variable_stops_the_start_and_other_variables_do_not() -> None:
    assert faults(NEWEL_LIFES__CODE="3") == (
        "Unknown environment variable NEWEL_LIFES__CODE. Did you mean NEWEL_LIVES__CODE?",
    )
    assert reading(NEWEL_CONFIG="x", OTHER__NAME="y").config == reading().config


def test_s34_an_empty_list_in_the_environment_is_refused() -> None:
    assert faults(NEWEL_WEBAUTHN__ORIGINS=" ") == ("webauthn.origins is an empty list; leave it out instead.",)


def test_every_fault_is_reported_at_once() -> None:
    assert len(faults('[lives]\ncod = 1\ncode = "x"\n[webauthn]\norigins = []')) == 3


def test_text_that_is_not_toml_names_the_place() -> None:
    assert "line 2" in faults("[lives]\ncode\n")[0]


@pytest.mark.parametrize("place", BOUNDED, ids=lambda place: place.path)
def test_s34_values_out_of_bounds_name_the_bound_and_the_reason(place: Place) -> None:
    low, high = place.key.low or 0, place.key.high or 0
    (below, *_) = faults(f"[{place.section}]\n{place.name} = {low - 1}")
    (above, *_) = faults(f"[{place.section}]\n{place.name} = {high + 1}")
    assert f"is below {low}" in below
    assert f"is above {high}" in above
    assert place.key.why in below


@pytest.mark.parametrize("place", BOUNDED, ids=lambda place: place.path)
def test_every_default_is_within_its_bounds(place: Place) -> None:
    assert (place.key.low or 0) <= place.default <= (place.key.high or 0)


@given(st.text(max_size=200))
def test_any_text_gives_a_configuration_or_faults(text: str) -> None:
    assert told(text)


@given(st.sampled_from([place.variable for place in places(Config)]), st.text(max_size=60))
def test_any_value_in_the_environment_gives_a_configuration_or_faults(variable: str, value: str) -> None:
    assert told("", **{variable: value})


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="newel init"):
        load(tmp_path / "newel.toml", {})


def test_a_file_that_is_not_text_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "newel.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(file, {})


def test_a_relative_file_gives_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("newel.toml").touch()
    assert load(Path("newel.toml"), os.environ).config.storage.database == tmp_path / "newel.db"
