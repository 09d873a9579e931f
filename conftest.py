"""Properties have no deadline: how long an example takes is the machine's business, and no machine is the same twice."""

from hypothesis import HealthCheck, settings

settings.register_profile("newel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("newel")
