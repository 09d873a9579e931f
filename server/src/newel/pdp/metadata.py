"""/.well-known/authzen-configuration: what this decision point offers (AuthZEN Authorization API 1.0 section 9)."""

from newel.http.request import Request
from newel.http.responses import Response, json
from newel.pdp.endpoint import echo
from newel.pdp.point import Point

CACHED = (("cache-control", "public, max-age=300"),)


async def metadata_endpoint(point: Point, request: Request) -> Response:
    """The metadata document."""
    issuer = point.services.config.issuer
    return json(
        {
            "policy_decision_point": issuer,
            "access_evaluation_endpoint": f"{issuer}/access/v1/evaluation",
            "access_evaluations_endpoint": f"{issuer}/access/v1/evaluations",
            "search_subject_endpoint": f"{issuer}/access/v1/search/subject",
            "search_resource_endpoint": f"{issuer}/access/v1/search/resource",
            "search_action_endpoint": f"{issuer}/access/v1/search/action",
            "newel_reservation_release_endpoint": f"{issuer}/access/v1/reservations/release",
        },
        headers=(*CACHED, *echo(request.headers)),
    )
