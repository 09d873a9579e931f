"""Why was I asked: the act, the reason, what was needed and what was there."""

from newel.domain.interaction import Interaction, Purpose
from newel.domain.requirement import SESSION, Requirement
from newel.domain.session import Session
from newel.flows.decide import Person, candidates, reasons_of, stand
from newel.flows.finish import newest
from newel.flows.known import known_client, known_person
from newel.flows.step import next_step
from newel.i18n import sentences
from newel.i18n.message import Text, Words
from newel.web.desk import Visit
from newel.web.views import Frame, Link, Why
from newel.web.words import NAMES, act_of, own_why


async def why_page(here: Visit, interaction: Interaction) -> Why:
    """The explanation of one prompt."""
    client = await known_client(here.services, interaction.request.client_id) if interaction.request else None
    person = await known_person(here.services, interaction.subject)
    decided = interaction.decided
    reasons = reasons_of(decided)
    name = client.name if client else here.desk.organisation
    return Why(
        frame=Frame(here=f"/i/{interaction.id}/why"),
        act=sentences.act_at(interaction.created_at, name, _act(interaction)),
        reason=_because(reasons[-1].because) if reasons and client else _plain_reason(interaction),
        needed=_needed(next(candidates(interaction.request, decided.requirement, here.services.classes)))
        if decided
        else "",
        taken=_taken(here, interaction, person),
        had=_had(here, interaction, person),
        record=interaction.id[-8:].upper(),
        policy=decided.policy if decided else None,
        back=Link(Text("Back"), f"/i/{interaction.id}"),
    )


def _taken(here: Visit, interaction: Interaction, person: Person | None) -> Words | None:
    """The fallback that is pursued in place of what the policy asks, as things stand; None where none is."""
    if person is None or interaction.decided is None or interaction.decided.fallback is None:
        return None
    where = next_step(here.services, interaction, person, _session(here), here.now).where
    if not where.fallen:
        return None
    said = here.desk.renderer.wording(here.locale)
    return Text("%(what)s Your account has nothing stronger.", {"what": said.say(_needed(where.demanded))})


def _act(interaction: Interaction) -> Words:
    if interaction.action is not None:
        return interaction.action.text.split("\n", 1)[0]
    return act_of(interaction).verb


def _because(clause: str) -> Words:
    """A rule's clause as an answer of its own."""
    return Text("Because %(reason)s.", {"reason": Text(clause)})


def _plain_reason(interaction: Interaction) -> Words:
    if interaction.purpose is Purpose.ACCOUNT:
        return own_why(interaction)
    if interaction.request is not None and interaction.request.fresh_only:
        return sentences.again()
    return Text("The application asked for a stronger or a more recent proof.")


def _needed(requirement: Requirement) -> Words:
    """What was demanded, in words: the strongest class and its age."""
    ages = dict(requirement.evidence)
    strongest = next((name for name in ("aal3", "phr", "aal2", "aal1") if name in ages), None)
    if requirement.denied or strongest is None:
        return Text("Nothing could be enough.") if requirement.denied else Text("That you are signed in.")
    what = {
        "aal3": Text("A security key whose maker is known"),
        "phr": Text("A passkey"),
        "aal2": Text("Two proofs"),
        "aal1": Text("One proof"),
    }[strongest]
    bound = Text(", for exactly this") if requirement.bind else ""
    if ages[strongest] >= SESSION:
        return Text("%(what)s%(bound)s.", {"what": what, "bound": bound})
    minutes = max(1, ages[strongest] // 60)
    return Text(
        "%(what)s, the last no older than %(minutes)s min%(bound)s.", {"what": what, "minutes": minutes, "bound": bound}
    )


def _had(here: Visit, interaction: Interaction, person: Person | None) -> Words:
    """What was proven, in the session or a moment ago in this interaction, with its age; each way once, newest last."""
    if person is None:
        return sentences.nothing_proven()
    standing = stand(here.services, person, interaction, _session(here), here.now)
    events = newest(tuple(event for event in standing.events if event.authenticator in person.authenticators))
    said = here.desk.renderer.wording(here.locale)
    each = [said.say(sentences.proven(NAMES[event.method], here.now - event.at)) for event in events]
    return ", ".join(each) or sentences.nothing_proven()


def _session(here: Visit) -> Session | None:
    return here.held.session if here.held else None
