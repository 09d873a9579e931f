"""The interop scenario of API gateways of the OpenID AuthZEN working group, read from the folder in NEWEL_VECTORS."""

import json
import os
from pathlib import Path

from server.tests.protocol.pdp.asking import EVALUATION, FAMILY, Caller

SCENARIO = Path(os.environ["NEWEL_VECTORS"]) / "authzen" / "interop-api-gateway.json"


def test_every_evaluation_of_the_gateway_scenario(family: Caller, gateway: Caller) -> None:
    del family
    cases = json.loads(SCENARIO.read_text(encoding="utf-8"))["evaluation"]
    assert {each["request"]["subject"]["id"] for each in cases} == set(FAMILY)
    told = [gateway.post(EVALUATION, each["request"]).json()["decision"] for each in cases]
    assert told == [each["expected"] for each in cases]
