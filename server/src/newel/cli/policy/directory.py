"""The people of the database, as the lock-out prover looks at them."""

from newel.domain.evidence import Authenticator
from newel.domain.subject import Subject
from newel.flows.facts import directory_facts
from newel.policy.document import Document
from newel.policy.facts import Fact
from newel.policy.prove.alike import Person
from newel.storage.base import Store
from newel.storage.sql.authenticators import authenticators_between
from newel.storage.sql.subjects import subjects

PAGE = 500
TEXTS = frozenset({"string", "enum"})


async def people_of(store: Store, document: Document) -> list[Person]:
    """Everybody who can sign in, with what they have enrolled; who did not sign up yet will enrol what it takes."""
    found: list[Person] = []
    after = ""
    while page := await store.all(subjects(after, PAGE)):
        held: dict[str, list[Authenticator]] = {}
        for each in await store.all(authenticators_between(after, page[-1].id)):
            held.setdefault(each.subject, []).append(each)
        able = (subject for subject in page if not subject.disabled and subject.id in held)
        found += [_person(document, subject, tuple(held[subject.id])) for subject in able]
        after = page[-1].id
    return found


def _person(document: Document, subject: Subject, authenticators: tuple[Authenticator, ...]) -> Person:
    facts = {
        path: value
        for path, value in directory_facts(subject, document.facts).items()
        if path not in document.facts or _of_its_kind(document.facts[path], value)
    }
    return Person(
        id=subject.name,
        facts={**facts, "subject.groups": subject.groups},
        groups=subject.groups,
        authenticators=authenticators,
    )


def _of_its_kind(fact: Fact, value: object) -> bool:
    """Whether a condition can read it; an attribute that is not of its kind stayed a text, and could be anything."""
    return fact.kind in TEXTS or not isinstance(value, str)
