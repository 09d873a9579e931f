"""A simulated policy decision point: it answers by a function that the test gives, and remembers what it was asked."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from newel_sdk.encoding import parse_object
from newel_sdk.fetch.base import Response

Json = dict[str, Any]
Decide = Callable[[Mapping[str, Any]], Json | Response]
"""From a question (AuthZEN Authorization API 1.0 section 6.1) to its answer, or to any response at all."""


def permit(*, bound: tuple[str, ...] = (), reasons: tuple[str, ...] = ()) -> Json:
    """Permitted; `bound` names the fields that the policy binds and the token's approval covers."""
    newel = {"bind": [], "bound": list(bound), "denied": False, "reasons": list(reasons), "policy": "p", "unmet": []}
    return {"decision": True, "context": {"newel": newel}}


def deny(*reasons: str, unmet: tuple[str, ...] = (), no_way: bool = False) -> Json:
    """Denied by a rule; or, with `unmet`, demanding what nobody can prove yet; with `no_way`, this person."""
    newel = {"bind": [], "denied": not unmet, "reasons": list(reasons), "policy": "p", "unmet": list(unmet)}
    return {"decision": False, "context": {"newel": newel | ({"no_way": True} if no_way else {})}}


def step_up(acr: str, *, max_age: int | None = None, bind: tuple[str, ...] = (), reasons: tuple[str, ...] = ()) -> Json:
    """Short of a class, in both shapes of the wire; `bind` names the fields still to be confirmed."""
    aged = {} if max_age is None else {"max_age": max_age}
    newel = {"acr": acr, **aged, "bind": list(bind), "denied": False, "reasons": list(reasons), "policy": "p"}
    obligation = {"id": "newel:step-up", "type": "step-up", "properties": {"acr_value": acr, **aged}}
    return {"decision": False, "context": {"obligations": [obligation], "acr_values": acr, "newel": newel}}


class SimulatedPoint:
    """Answers evaluations at `pdp` by `decide`; None: there is no decision point, and everything is 404.

    What a permission reserves is in `reserved`, what was given back in `released` with its reason.
    """

    def __init__(self, pdp: str) -> None:
        self.pdp = pdp
        self.decide: Decide | None = None
        self.asked: list[Json] = []
        self.callers: list[str] = []
        self.reserved: list[str] = []
        self.released: dict[str, str] = {}

    def metadata(self) -> Json:
        """The metadata document (section 9)."""
        return {
            "policy_decision_point": self.pdp,
            "access_evaluation_endpoint": f"{self.pdp}/access/v1/evaluation",
            "newel_reservation_release_endpoint": f"{self.pdp}/access/v1/reservations/release",
        }

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response | None:
        """The answer to a request at a path of the decision point; None for any other."""
        if self.decide is None:
            return None
        if (method, path) == ("GET", "/.well-known/authzen-configuration"):
            return _json(200, self.metadata())
        if method != "POST" or not path.startswith("/access/v1/"):
            return None
        if not headers.get("Authorization"):
            return _json(401, {"error": "invalid_client"})
        self.callers.append(headers["Authorization"])
        if path == "/access/v1/evaluation":
            return self._evaluated(self.decide, parse_object(body))
        return self._released(parse_object(body)) if path == "/access/v1/reservations/release" else None

    def _evaluated(self, decide: Decide, question: Json) -> Response:
        self.asked.append(question)
        made = decide(question)
        if isinstance(made, Response):
            return made
        key, newel = question["context"].get("reservation"), made.get("context", {}).get("newel")
        if made.get("decision") is True and key is not None and newel is not None:
            self.reserved.append(key)
            context = made["context"] | {"newel": newel | {"reservation": key}}
            return _json(200, {**made, "context": context})
        return _json(200, made)

    def _released(self, asked: Json) -> Response:
        key = asked["reservation"]
        if key not in self.reserved or key in self.released:
            return _json(404, {"error": "not_found"})
        self.released[key] = asked["reason"]
        return _json(200, {"released": True})


def _json(status: int, document: Json) -> Response:
    return Response(
        status=status, headers={"content-type": "application/json"}, body=json.dumps(document).encode("utf-8")
    )
