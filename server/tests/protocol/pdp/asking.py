"""How a resource server asks the decision point."""

from dataclasses import dataclass
from typing import Any

import httpx2
from tests.simulators.running import Relying, Running

from newel.cli.opening import Open
from newel.domain.audit import Entry
from newel.storage.audit import AuditRow
from newel.storage.base import Query

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
RELEASE = "/access/v1/reservations/release"
SEND = {"name": "send"}
FAMILY = {
    "CiRmZDA2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs": ("admin", "rick@the-citadel.com"),
    "CiRmZDE2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs": ("editor", "morty@the-citadel.com"),
    "CiRmZDI2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs": ("editor", "summer@the-smiths.com"),
    "CiRmZDM2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs": ("viewer", "beth@the-smiths.com"),
    "CiRmZDQ2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs": ("viewer", "jerry@the-smiths.com"),
}
"""The people of the todo and gateway interop scenarios: role and address."""
TRANSFER = {"type": "bank.transfer", "id": "t-1"}


def subject(identifier: str, token: str | None = None, **properties: Any) -> dict[str, Any]:
    """An AuthZEN subject, with the person's access token."""
    if token is not None:
        properties["access_token"] = token
    return {"type": "user", "id": identifier, **({"properties": properties} if properties else {})}


def recorded(server: Running, kind: str) -> list[Entry]:
    """The audit entries of a kind, oldest first."""

    async def read(everything: Open) -> list[Entry]:
        sql = (
            "SELECT writer, seq, at, kind, body, commitment, personal, mac FROM audit WHERE kind = :k ORDER BY at, seq"
        )
        return await everything.store.all(Query(sql, {"k": kind}, lambda row: AuditRow(*row).entry()))

    return list(server.open(read))


@dataclass
class Caller:
    """A resource server with its credential."""

    client: Relying

    def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.server.http.post(
            self.client.server.issuer + path, json=body, headers={**self.client.basic, **named}
        )

    def raw(self, content: bytes | str, path: str = EVALUATION, **headers: str) -> httpx2.Response:
        named = {"content-type": "application/json", **{key.replace("_", "-"): value for key, value in headers.items()}}
        url = self.client.server.issuer + path
        return self.client.server.http.post(url, content=content, headers={**self.client.basic, **named})

    def evaluate(self, who: Any, action: Any, resource: Any, **context: Any) -> dict[str, Any]:
        """The answer to one evaluation."""
        body = {"subject": who, "action": action, "resource": resource, "context": context}
        answered = self.post(EVALUATION, body)
        assert answered.status_code == 200, answered.text
        return dict(answered.json())

    def search(self, what: str, **body: Any) -> dict[str, Any]:
        """The answer to one search."""
        answered = self.post(f"/access/v1/search/{what}", body)
        assert answered.status_code == 200, answered.text
        return dict(answered.json())
