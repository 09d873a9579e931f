"""Texts of policies that the catalogues know: labels that most actions have, and the reasons of the shipped demonstrations.

A policy is written in one language. What it says to people is looked up as it stands; what is not here stays as it is.
"""

from typing import Final

from newel.i18n.message import Text

LABELS: Final = (Text("Amount"), Text("To"), Text("Reference"), Text("Send"), Text("Transfer"))
REASONS: Final = (
    Text("whatever can move money needs a second proof"),
    Text("payment law asks for amount and payee in the confirmation"),
    Text("small payments add up"),
    Text("large payments need a passkey"),
    Text("large payments need a passkey and the treasury"),
    Text("many payments in a day are one large payment"),
    Text("a payment needs a sign-in"),
    Text("the risk engine gave no answer"),
    Text("this sign-in looks relayed; only a passkey stops that"),
    Text("high risk needs a passkey"),
)
