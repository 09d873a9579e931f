"""Identifiers as commands take them."""

import re

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""The id of a client, or a type of resource (`bank.transfer`)."""
