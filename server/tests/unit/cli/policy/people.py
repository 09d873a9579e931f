"""People of a made server's database, what was decided about them, and the database itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from server.tests.unit.cli.policy.stall import Change, snapshot, sources

from newel.cli.arguments import loaded
from newel.cli.opening import Open, opened
from newel.domain.audit import DecisionRecord, Entry
from newel.domain.evidence import Authenticator
from newel.domain.subject import Subject
from newel.flows.policies import bring
from newel.storage.base import Statement, Unit
from newel.storage.sql.authenticators import add_authenticator
from newel.storage.sql.subjects import add_subject

T = TypeVar("T")


def within(folder: Path, action: Callable[[Open], Awaitable[T]]) -> T:
    """What an action on the open database of a server's folder gives."""

    async def running() -> T:
        async with opened(loaded(folder / "newel.toml").config) as everything:
            return await action(everything)

    return asyncio.run(running())


def brought(folder: Path, *changes: Change) -> str:
    """Bring the stall's policy into force without asking anything; its version."""
    made = snapshot(*changes)

    async def bringing(everything: Open) -> None:
        await bring(everything.store, made, sources(*changes), author="ada", reason="it begins", now=everything.now)

    within(folder, bringing)
    return made.version


def person(
    folder: Path,
    name: str,
    /,
    *methods: str,
    disabled: bool = False,
    groups: frozenset[str] = frozenset({"sellers"}),
    **attributes: str,
) -> None:
    """Somebody with authenticators of these methods."""
    subject = Subject(
        id=f"id-{name}",
        name=name,
        display=name,
        person=f"id-{name}",
        created_at=1,
        groups=groups,
        attributes=attributes,
        disabled=disabled,
    )
    held = [
        Authenticator(
            id=f"{name}-{method}",
            subject=subject.id,
            method=method,
            name=method,
            created_at=1,
            material=b"x",
            user_verifying=method == "passkey",
        )
        for method in methods
    ]
    statements = [add_subject(subject, name), *(each for one in held for each in add_authenticator(one))]

    async def adding(everything: Open) -> None:
        await everything.store.commit(Unit(tuple(statements)))

    within(folder, adding)


def recorded(
    folder: Path,
    *amounts: int,
    ago: int = 60,
    methods: tuple[str, ...] = ("password",),
    facts: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Decisions on sales of these amounts, by maria, who signed in ten minutes before the first, a while ago."""

    async def record(everything: Open) -> None:
        begin = everything.now - ago
        for number, amount in enumerate(amounts):
            made = DecisionRecord(
                targets=("stall.sale:sell",),
                policy="p",
                facts={"now": begin + number, **facts},
                requirement="none",
                outcome="met",
                reached={"aal1": begin - 600},
                methods=methods,
            )
            entry = Entry(
                kind="decided",
                at=begin + number,
                body={"session": f"s{number}"},
                personal={"subject": "id-maria", "ctx.amount": amount},
                decision=made,
            )
            await everything.store.commit(Unit((), audit=entry))

    within(folder, record)


def damage(folder: Path, sql: str, **params: str) -> None:
    """Change rows as no command would."""

    async def damaging(everything: Open) -> None:
        await everything.store.commit(Unit((Statement(sql, {**params}),)))

    within(folder, damaging)
