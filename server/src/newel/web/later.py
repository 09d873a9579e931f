"""Later: how often and until when a person may still put off what a page asks, in words."""

from newel.domain.interaction import Interaction
from newel.flows.decide import Person
from newel.flows.grace import offered
from newel.i18n import sentences
from newel.i18n.message import Words
from newel.web.desk import Visit

FAR = 180 * 86_400
"""Seconds from which on a date is said with its year."""


async def later_words(here: Visit, interaction: Interaction, person: Person) -> Words | None:
    """What stands beside "Not now"; None where nothing may be put off."""
    if interaction.decided is None or interaction.decided.grace is None:
        return None
    session = here.held.session if here.held else None
    offer = await offered(here.services, interaction, person, session, here.now)
    if offer is None:
        return None
    last = offer.until - 1  # the day on which it still works
    return sentences.put_off(offer.left, last, year=last - here.now > FAR)
