"""The resources that every server has: signing in, scopes, its console, a person's own account, and guarded hosts."""

from collections.abc import Mapping

from newel.domain.method import METHODS
from newel.domain.requirement import NOTHING, Requirement, require
from newel.policy.base import ACCOUNT_METHOD, NO_METHOD
from newel.policy.document import Action, Resource
from newel.policy.facts import Fact

SIGN_IN = Action(name="sign_in", sensitive=False, minimum=NOTHING, verb="Sign in")
HTTP = {name: Fact(name=name, kind="string") for name in ("http.host", "http.path")}
ACCOUNT = {ACCOUNT_METHOD: Fact(name=ACCOUNT_METHOD, kind="enum", values=tuple(sorted((NO_METHOD, *METHODS))))}


def _open(name: str, label: str, facts: Mapping[str, Fact] | None = None) -> Resource:
    return Resource(name=name, label=label, actions={}, fields={}, facts=facts or {}, is_open=True)


BUILT_IN: Mapping[str, Resource] = {
    resource.name: resource
    for resource in (
        Resource(name="newel.session", label="Session", actions={"sign_in": SIGN_IN}, fields={}, facts={}),
        _open("newel.scope", "Scope"),
        _open("newel.console", "Console"),
        _open("newel.account", "Account", ACCOUNT),
        _open("newel.gateway", "Gateway", HTTP),
    )
}
NAMED: Mapping[str, tuple[str, ...]] = {
    "newel.account": ("add", "confirm", "open", "remove", "rename"),
    "newel.console": (
        "audit", "clients", "config", "decisions", "keys", "policy", "roles", "sessions", "subjects",
    ),
    "newel.gateway": (
        "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LOCK", "MKCOL", "MOVE", "OPTIONS", "PATCH", "POST", "PROPFIND",
        "PROPPATCH", "PUT", "QUERY", "REPORT", "SEARCH", "TRACE", "UNLOCK",
    ),
}  # fmt: skip
"""The actions of open resources that a policy may name: account and console acts, and HTTP methods (RFC 9110 9.3).

A rule on another would never be asked; any token is a scope (RFC 6749 3.3).
"""
GATEWAY = "newel.gateway"
TRUSTED_DEVICE = "device.trusted"
SIGN_IN_TARGET = "newel.session:sign_in"
CONSOLE_STRICT = frozenset({"policy", "keys", "roles"})


def floor(target: str) -> Requirement:
    """What is demanded at a target of the console whatever a policy says; the classes are the shipped ones."""
    resource, _, action = target.partition(":")
    if resource != "newel.console":
        return NOTHING
    return require({"phr": 300}) if action in CONSOLE_STRICT else require({"aal2": 300})
