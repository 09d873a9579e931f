"""The people of a demonstration: who they are, and what they prove it with."""

import os
from base64 import b32decode
from dataclasses import dataclass, replace

from newel.config.tree import Config
from newel.crypto.hashing import secret_hash
from newel.crypto.vault import NONCE_BYTES, Vault
from newel.domain.audit import Entry
from newel.domain.evidence import Authenticator
from newel.domain.subject import Subject
from newel.factors import totp
from newel.factors.base import Account, Confirmed, Context
from newel.factors.table import FACTORS, opened, sealed
from newel.http.ratelimit import name_key
from newel.storage.base import Statement, Store, Unit
from newel.storage.ids import new_id
from newel.storage.sql.authenticators import add_authenticator, authenticators_of
from newel.storage.sql.subjects import add_sign_up, add_subject, subject_by_name

ID_BYTES, SECRET_BYTES = 16, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in the demonstration; an empty password: comes in by a sign-up address."""

    name: str
    display: str
    password: str = ""
    has_app: bool = False


PEOPLE = (
    Person(name="alex", display="Alex Doe", password="copper lantern 58", has_app=True),  # ruff: ignore[hardcoded-password-func-arg] - a demonstration's, printed at every start
    Person(name="sam", display="Sam Roe", password="meadow kettle 31"),  # ruff: ignore[hardcoded-password-func-arg] - the same
    Person(name="kim", display="Kim Lee"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a person has to prove themselves with, to be printed."""

    person: Person
    totp_uri: str = ""
    totp_secret: str = ""
    sign_up: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Where people are enrolled; `now` in Unix seconds."""

    config: Config
    vault: Vault
    store: Store
    now: int

    def new_id(self) -> str:
        """A fresh time-ordered identifier."""
        return new_id(self.now * 1000, os.urandom(ID_BYTES))

    async def credentials(self, person: Person) -> Credentials:
        """What `person` has, enrolled now where they are new; a fresh sign-up address while they have nothing."""
        found = await self.store.one(subject_by_name(name_key(person.name)))
        subject = found or await self._enrol(person)
        held = await self.store.all(authenticators_of(subject.id))
        if not held:
            return Credentials(person=person, sign_up=await self._invite(subject))
        secrets = [opened(each, self.vault).material for each in held if each.method == "totp"]
        if not secrets or not person.has_app:
            return Credentials(person=person)
        uri = totp.address(self.config.organisation.name, subject.name, secrets[0])
        return Credentials(person=person, totp_uri=uri, totp_secret=totp.base32(secrets[0]))

    async def _enrol(self, person: Person) -> Subject:
        """Store the person with password and app, both settled: they were enrolled at sign-up (S25)."""
        id_ = self.new_id()
        subject = Subject(id=id_, name=person.name, display=person.display, person=id_, created_at=self.now)
        account = Account(id=id_, name=person.name, display=person.display)
        statements = [add_subject(subject, name_key(person.name))]
        if person.password:
            statements += self._added(account, "password", person.password, "Password")
        if person.has_app:
            statements += self._added(account, "totp", "", "Authenticator app")
        audit = Entry(kind="subject_added", at=self.now, body={"by": "demo", "subject": id_})
        await self.store.commit(Unit(tuple(statements), audit=audit))
        return subject

    def _added(self, account: Account, method: str, response: str, name: str) -> tuple[Statement, ...]:
        confirmed = self._confirmed(account, method, response, name)
        return add_authenticator(sealed(confirmed, self.vault, nonce=os.urandom(NONCE_BYTES)))

    def _confirmed(self, account: Account, method: str, response: str, name: str) -> Authenticator:
        """The authenticator that comes of an enrolment as its factor does it."""
        factor, context = FACTORS[method], self._context()
        enrolment = factor.enrol(context, account)
        if method == "totp":
            # The step before: the app's present code is still unused when the person types it.
            secret = b32decode("".join(enrolment.public["secret"]))
            response = totp.code(secret, totp.step_at(self.now) - 1)
        made = factor.confirm(context, account, enrolment.draft, response, authenticator_id=self.new_id(), name=name)
        if not isinstance(made, Confirmed):
            raise TypeError(f"{account.name}: {method} is refused, {made.reason}")
        return replace(made.authenticator, ceiling=None, last_used_at=0)

    async def _invite(self, subject: Subject) -> str:
        id_, secret = self.new_id(), os.urandom(SECRET_BYTES).hex()
        stored = add_sign_up(id_, secret_hash(secret), subject.id, self.now + self.config.lives.sign_up)
        audit = Entry(kind="subject_invited", at=self.now, body={"by": "demo", "subject": subject.id})
        await self.store.commit(Unit((stored,), audit=audit))
        return f"{self.config.issuer}/sign-up/{id_}.{secret}"

    def _context(self) -> Context:
        return Context(
            now=self.now,
            random=os.urandom,
            rp_id=self.config.rp_id,
            origin=self.config.issuer,
            rp_name=self.config.organisation.name,
            interaction="demo",
            event_id=self.new_id(),
            vault=self.vault,
        )
