"""How the outside world is asked: an argument everywhere, with a small standard-library implementation."""

from newel_sdk.fetch.base import Fetch, Response
from newel_sdk.fetch.discovery import Metadata, discover
from newel_sdk.fetch.standard import StandardFetch

__all__ = ["Fetch", "Metadata", "Response", "StandardFetch", "discover"]
