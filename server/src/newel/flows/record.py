"""Record: audit entries of decisions and proofs, personal data apart from what stays (S33)."""

from newel.domain.audit import DecisionRecord, Entry
from newel.domain.interaction import Interaction
from newel.domain.value import replace

PERSONAL_FACTS = ("subject.", "client.ip", "ctx.")


def decision_entry(
    kind: str, at: int, interaction: Interaction, record: DecisionRecord, *, fallen: bool = False
) -> Entry:
    """The entry of one decision: rules and outcomes stay, facts about the person can be forgotten.

    `fallen` says that the demand could not be met and the policy's fallback was pursued in its place.
    """
    personal = {name: value for name, value in record.facts.items() if name.startswith(PERSONAL_FACTS)}
    kept = {name: value for name, value in record.facts.items() if not name.startswith(PERSONAL_FACTS)}
    shown = interaction.action.text if interaction.action else None
    return Entry(
        kind=kind,
        at=at,
        body={**_about(interaction), **({"fallen": True} if fallen else {})},
        personal={**personal, "subject": interaction.subject, **({"shown": shown} if shown else {})},
        decision=replace(record, facts=kept),
    )


def proof_entry(kind: str, at: int, interaction: Interaction, **body: object) -> Entry:
    """The entry of one proof, good or not."""
    return Entry(kind=kind, at=at, body={**_about(interaction), **body}, personal={"subject": interaction.subject})


def _about(interaction: Interaction) -> dict[str, object]:
    digest = interaction.action.digest().hex() if interaction.action else None
    return {
        "interaction": interaction.id,
        "client": interaction.request.client_id if interaction.request else None,
        **({"digest": digest} if digest else {}),
        **({"session": interaction.lineage} if interaction.lineage else {}),
    }
