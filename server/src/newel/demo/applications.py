"""The applications of `demos/`: each a folder with a `main.py` that reads its settings from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
TITLES = {"bank": "Acme Bank"}
ACTIONS: Mapping[str, tuple[str, ...]] = {"bank": ("bank.transfer",)}
"""The types of resources that are an application's own: it has actions on them approved, and states facts about them."""


class NoApplication(Exception):
    """There is no such application; the message says what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application and where it answers."""

    name: str
    main: Path
    port: int

    @property
    def title(self) -> str:
        """Its name for people."""
        return TITLES.get(self.name, self.name.capitalize())

    @property
    def origin(self) -> str:
        """Its origin, which is also the audience of its tokens."""
        return f"http://localhost:{self.port}"

    @property
    def callback(self) -> str:
        """The one address that the server sends a browser back to."""
        return f"{self.origin}/callback"

    @property
    def client_id(self) -> str:
        """The client it is registered as."""
        return f"{self.name}-web"

    @property
    def policy(self) -> Path:
        """Its policy, beside its `main.py`; it need not be there."""
        return self.main.with_name("policy.yaml")

    @property
    def action_types(self) -> tuple[str, ...]:
        """The types of actions it may bind approvals to."""
        return ACTIONS.get(self.name, ())

    @property
    def states(self) -> tuple[str, ...]:
        """The types of resources about which it may state facts to the decision point."""
        return ACTIONS.get(self.name, ())

    def environment(self, folder: Path, issuer: str) -> dict[str, str]:
        """What its process is told; `folder` holds its database, secret and key."""
        prefix = self.name.upper()
        return {
            "NEWEL_ISSUER": issuer,
            f"{prefix}_PORT": str(self.port),
            f"{prefix}_DATABASE": str(folder / f"{self.name}.db"),
            f"{prefix}_CLIENT_ID": self.client_id,
            f"{prefix}_CLIENT_SECRET_FILE": str(folder / "client-secret"),
            f"{prefix}_KEY_FILE": str(folder / "key"),
        }


def names(folder: Path, only: str | None) -> list[str]:
    """The applications in `folder`, or the one that is asked for. NoApplication."""
    found = sorted(main.parent.name for main in folder.glob("*/main.py") if _NAME.fullmatch(main.parent.name))
    if not found:
        raise NoApplication(f"there are no applications in {folder}. Start it in the project's folder, or give --demos")
    if only is None:
        return found
    if only not in found:
        raise NoApplication(f"there is no application {only!r} in {folder}. There are: {', '.join(found)}")
    return [only]
