"""The relying party's half: sign in, climb for a challenge, come back as the same person."""

from newel_sdk.client.authentication import ClientAuthentication, ClientSecret, PrivateKey
from newel_sdk.client.core import Client
from newel_sdk.client.id_token import IdToken, verify_id_token
from newel_sdk.client.pending import PendingAuthorization, Redirect
from newel_sdk.client.tokens import Tokens

__all__ = [
    "Client",
    "ClientAuthentication",
    "ClientSecret",
    "IdToken",
    "PendingAuthorization",
    "PrivateKey",
    "Redirect",
    "Tokens",
    "verify_id_token",
]
