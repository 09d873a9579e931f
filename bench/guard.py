"""The SDK's guard in process: a token seen before, and a new one, beside the bare signature check."""

import time
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from line import Figure, show
from newel_sdk import Guard
from newel_sdk.testing import Issuer

NEW, SEEN, ROUNDS = 300, 30_000, 5
MICROSECONDS = 1e6


def each(work: Callable[[int], object], times: int) -> float:
    """Microseconds of CPU for one call: the best round, since neighbours only ever slow it. No number comes twice."""
    spent = []
    for first in range(0, ROUNDS * times, times):
        began = time.process_time()
        for number in range(first, first + times):
            work(number)
        spent.append((time.process_time() - began) / times)
    return round(min(spent) * MICROSECONDS, 2)


def main() -> None:
    """Print the figures."""
    issuer = Issuer()
    check = Guard(issuer=issuer.issuer, audience=issuer.audience, keys=issuer.keys).require(acr="aal2", max_age=300)
    now = int(time.time())
    tokens = [issuer.token(sub=f"subject-{n}", acr="aal2", auth_time=now, now=now) for n in range(ROUNDS * NEW)]
    key = ec.generate_private_key(ec.SECP256R1())
    message, algorithm = b"x" * 600, ec.ECDSA(hashes.SHA256())
    signature, public = key.sign(message, algorithm), key.public_key()
    floor = each(lambda _: public.verify(signature, message, algorithm), NEW)
    new = each(lambda n: check.decide(tokens[n], now=now), NEW)
    seen = each(lambda _: check.decide(tokens[0], now=now), SEEN)
    show(
        [
            Figure(figure="guard: a new ES256 token", value=new, unit="us", budget=120, floor=floor),
            Figure(figure="guard: a token seen before", value=seen, unit="us", budget=2),
        ]
    )


if __name__ == "__main__":
    main()
