"""/healthz says that the process answers; /readyz whether it can do its work, with reasons."""

from newel.flows.known import signing_ring
from newel.http.request import Request
from newel.http.responses import Response, json
from newel.policy.shipped import closed
from newel.web.desk import Desk


async def healthz(_desk: Desk, _request: Request) -> Response:
    """The process answers."""
    return json({"status": "ok"})


async def readyz(desk: Desk, _request: Request) -> Response:
    """Ready, or why not; remarks do not make it unready."""
    services = desk.services
    reasons = [fault] if (fault := services.store.fault()) else []
    if not reasons:
        try:
            if "ES256" not in (await signing_ring(services)).algorithms:
                reasons.append("no ES256 signing key is active: run `newel keys rotate`")
        except Exception as error:  # ruff: ignore[blind-except] - whatever fails here is the reason to tell
            reasons.append(f"the database cannot be read: {type(error).__name__}")
    if services.policy is closed():
        reasons.append("no policy that was activated can be read: everything is denied")
    remarks = ["no risk engine is switched on: rules on risk cannot fire"]
    remarks += [
        f"policy {version[:12]} was activated and cannot be read; {services.policy.version[:12]} decides instead"
        for version in services.active.unreadable
    ]
    status = 503 if reasons else 200
    return json(
        {"status": "ready" if not reasons else "not ready", "reasons": reasons, "remarks": remarks}, status=status
    )
