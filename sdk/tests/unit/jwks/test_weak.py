"""CVE-2017-15361."""

import math

from newel_sdk.jwks.weak import has_roca_fingerprint

PRIMES = [2, *(n for n in range(3, 168, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2)))]


def test_a_modulus_of_the_flawed_form_carries_the_mark_and_its_neighbour_does_not() -> None:
    product = math.prod(PRIMES)
    marked = (product * 12345 + pow(65537, 77, product)) * (product * 99 + pow(65537, 4242, product))
    assert has_roca_fingerprint(marked)
    assert not has_roca_fingerprint(marked + 2)
