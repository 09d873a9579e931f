"""Where each endpoint of the decision point answers, and by which methods."""

from newel.pdp.endpoint import Endpoint, asked
from newel.pdp.evaluation import evaluation
from newel.pdp.evaluations import evaluations
from newel.pdp.metadata import metadata_endpoint
from newel.pdp.reading import read_asked, read_body
from newel.pdp.release import release_reservation
from newel.pdp.search import search_actions, search_resources, search_subjects

ENDPOINTS: tuple[tuple[str, Endpoint, tuple[str, ...]], ...] = (
    ("/access/v1/evaluation", asked(read_asked, evaluation), ("POST",)),
    ("/access/v1/evaluations", asked(read_body, evaluations), ("POST",)),
    ("/access/v1/search/subject", asked(read_body, search_subjects), ("POST",)),
    ("/access/v1/search/resource", asked(read_body, search_resources), ("POST",)),
    ("/access/v1/search/action", asked(read_body, search_actions), ("POST",)),
    ("/access/v1/reservations/release", asked(read_body, release_reservation), ("POST",)),
    ("/.well-known/authzen-configuration", metadata_endpoint, ("GET",)),
)
