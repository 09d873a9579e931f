"""Routes as a gateway asks about them: everybody of the todo family reads, editors and admins change."""

from server.tests.protocol.pdp.asking import FAMILY, Caller

ROUTES = (
    ("GET", "/users/{userId}"),
    ("GET", "/todos"),
    ("POST", "/todos"),
    ("PUT", "/todos/{todoId}"),
    ("DELETE", "/todos/{todoId}"),
)


def routed(gateway: Caller, person: str, method: str, route: str) -> bool:
    """Whether a gateway may let a request through, as the scenario asks it."""
    who, resource = {"type": "identity", "id": person}, {"type": "route", "id": route}
    return bool(gateway.evaluate(who, {"name": method}, resource)["decision"])


def test_at_a_gateway_everybody_reads_and_editors_and_admins_change(family: Caller, gateway: Caller) -> None:
    del family
    for person, (role, _) in FAMILY.items():
        told = [routed(gateway, person, *each) for each in ROUTES]
        assert told == [True, True, *[role != "viewer"] * 3], role


def test_what_is_no_route_and_whoever_has_no_role_get_nowhere(family: Caller, gateway: Caller) -> None:
    del family
    admin = next(person for person, (role, _) in FAMILY.items() if role == "admin")
    assert not routed(gateway, admin, "GET", "/elsewhere")
    assert not routed(gateway, admin, "PATCH", "/todos")
    assert not any(routed(gateway, "nobody-of-this-house", *each) for each in ROUTES[2:])
