"""What must hold of a server after a death, seen through its own doors.

1. What the last answer said holds as soon as the server is up again.
2. The request that got no answer is sent again. Carried out or not, it does no harm, and leads where it would have led.
3. What was used stays used: a second use is refused, and ends what the first one gave.
4. The person starts again in the same browser and the client reaches tokens, which live and end as they should.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from newel.config.tree import Guessing
from tests.faults.course import Fault
from tests.faults.server_wire import NAME, PASSWORD, Knows, Wire, expect, tries_left

Step = Callable[[Wire, Knows], Awaitable[Knows]]
DRIFTS = (-1, 0, 1)
"""The codes of the app that are accepted; the story uses the first of them."""


@dataclass(frozen=True)
class Scene:
    """A server after a death: what was known, and how many units more were carried out than were answered."""

    wire: Wire
    knew: Knows
    beyond: int

    async def again(self, step: Step) -> Knows:
        """Send the request again that got no answer."""
        return await step(self.wire, self.knew)

    async def form_again(self, **form: str) -> Knows:
        """Send the form of the last page again; it leads to the client."""
        came = await self.wire.answer(self.knew, **form)
        must(hold=len(came.codes) == len(self.knew.codes) + 1, otherwise="the form does not lead to the client")
        return came

    async def sign_in_again(self) -> Knows:
        """Send name and password again."""
        return await self.form_again(username=NAME, password=PASSWORD)

    async def prove_again(self) -> Knows:
        """Send the app's code again."""
        return await self.form_again(way="totp", otp=self.wire.code(DRIFTS[0]))


async def after_death(scene: Scene, steps: Mapping[str, Step], answered: Sequence[str]) -> None:
    """Fault where the server breaks its word."""
    last = answered[-1] if answered else ""
    following = next((name for name in steps if name not in answered), "")
    if last in HOLDS:
        await HOLDS[last](scene)
    knows = await scene.again(steps[following]) if following and following not in AGAIN else scene.knew
    if following in AGAIN:
        knows = await AGAIN[following](scene)
    if last in ONCE:
        await ONCE[last](scene, knows)
    await reach_tokens(scene.wire, knows, used="asked" in answered)


def must(*, hold: bool, otherwise: str) -> None:
    """Fault with these words."""
    if not hold:
        raise Fault(otherwise)


async def page_holds(scene: Scene) -> None:
    """An interaction whose page was shown still has it, or was answered since."""
    knows, response = await scene.wire.get(scene.knew, scene.knew.pages[-1][0])
    await scene.wire.arrived(knows, response)


async def session_holds(scene: Scene) -> None:
    """A session whose cookie was given is asked for nothing that was proven in it."""
    came = await scene.wire.ask(scene.knew, **({"acr_values": "aal2"} if len(scene.knew.codes) > 1 else {}))
    must(hold=len(came.codes) == len(scene.knew.codes) + 1, otherwise="the session does not hold what was proven")


async def token_holds(scene: Scene) -> None:
    """The access token of the last answer stands."""
    must(hold=await scene.wire.stands(scene.knew.tokens[-1][0]), otherwise="the access token that was answered is dead")


async def guess_holds(scene: Scene) -> None:
    """The page has one try less; two where the next one was counted before the death."""
    asked = f"{scene.knew.pages[-1][0]}?way=totp&error=wrong_code"
    _, response = await scene.wire.get(scene.knew, asked)
    if scene.beyond > 1:
        must(hold="location" in response.headers, otherwise="the interaction was answered and asks again")
        return
    left, expected = tries_left(response.text), Guessing().attempts - 1 - scene.beyond
    must(hold=left == expected, otherwise=f"{left} tries are left, not {expected}")


async def rotation_holds(scene: Scene) -> None:
    """The new refresh token works once; the oldest one ends the family. All of it is over where it was revoked."""
    (_, oldest), (_, newest) = scene.knew.tokens[-2:]
    if scene.beyond:
        await dead(scene.wire, *scene.knew.tokens[-1])
        return
    await token_holds(scene)
    came = await scene.wire.refresh(scene.knew, newest)
    must(hold=await scene.wire.stands(came.tokens[-1][0]), otherwise="a refresh gave a dead access token")
    expect(await scene.wire.refreshing(oldest), 400)
    await dead(scene.wire, *came.tokens[-1])


async def revocation_holds(scene: Scene) -> None:
    """The family of the step-up is over; the sign-in's stands until its code comes again."""
    first, *revoked = scene.knew.tokens
    for tokens in revoked:
        await dead(scene.wire, *tokens)
    must(hold=await scene.wire.stands(first[0]) != bool(scene.beyond), otherwise="the wrong family was revoked")


async def replay_holds(scene: Scene) -> None:
    """What the code had given is over."""
    await dead(scene.wire, *scene.knew.tokens[0])


async def dead(wire: Wire, access: str, refresh: str) -> None:
    """Fault where either token does anything."""
    must(hold=not await wire.stands(access), otherwise="an access token stands that was revoked")
    expect(await wire.refreshing(refresh), 400)


async def signed_in_again(scene: Scene) -> Knows:
    """The password leads to a code, and the code to tokens."""
    came = await scene.sign_in_again()
    return await scene.wire.redeem(came, came.codes[-1])


async def guessed_again(scene: Scene) -> Knows:
    """Another wrong code takes a try and nothing else: the right one still leads to tokens."""
    came = await scene.wire.answer(scene.knew, way="totp", otp=scene.wire.wrong_code())
    must(hold=came.codes == scene.knew.codes, otherwise="a wrong code led to the client")
    return await proven_again(scene)


async def proven_again(scene: Scene) -> Knows:
    """The app's code leads to a code, and that to tokens."""
    came = await scene.prove_again()
    return await scene.wire.redeem(came, came.codes[-1])


async def redeemed_again(scene: Scene) -> Knows:
    """A code gives tokens where it gave none before the death, else none."""
    code = scene.knew.codes[-1]
    if scene.beyond:
        expect(await scene.wire.redeeming(code), 400)
        return scene.knew
    return await scene.wire.redeem(scene.knew, code)


async def refreshed_again(scene: Scene) -> Knows:
    """The refresh token whose successor was never told is forgiven (S29)."""
    came = await scene.wire.refresh(scene.knew, scene.knew.tokens[-1][1])
    must(hold=await scene.wire.stands(came.tokens[-1][0]), otherwise="a refresh gave a dead access token")
    return came


async def revoked_again(scene: Scene) -> Knows:
    """A token that was taken back is dead."""
    await scene.wire.revoke(scene.knew.tokens[-1][1])
    await dead(scene.wire, *scene.knew.tokens[-1])
    return scene.knew


async def replayed_again(scene: Scene) -> Knows:
    """A code that comes again ends what it gave."""
    expect(await scene.wire.redeeming(scene.knew.codes[0]), 400)
    await replay_holds(scene)
    return scene.knew


async def signed_in_once(scene: Scene, knows: Knows) -> None:
    """The form that was answered leads to the same code and no other, which is used up."""
    came = await scene.sign_in_again()
    must(hold=came.codes[-1] == scene.knew.codes[-1], otherwise="one sign-in led to two codes")
    await redeemed_once(scene, knows)


async def proven_once(scene: Scene, knows: Knows) -> None:
    """The same of the app's code."""
    came = await scene.prove_again()
    must(hold=came.codes[-1] == scene.knew.codes[-1], otherwise="one proof led to two codes")
    await redeemed_once(scene, knows)


async def redeemed_once(scene: Scene, knows: Knows) -> None:
    """A code that was exchanged is refused, and everything that came of it ends."""
    expect(await scene.wire.redeeming(scene.knew.codes[-1]), 400)
    for tokens in knows.tokens[len(scene.knew.codes) - 1 :]:
        await dead(scene.wire, *tokens)


async def reach_tokens(wire: Wire, knows: Knows, *, used: bool) -> None:
    """Come again, prove everything anew, and live through the tokens' life. `used`: the app's first code was."""
    shown, asked = [wire.code(drift) for drift in DRIFTS], len(knows.codes)
    knows = await wire.ask(knows, prompt="login", acr_values="aal2")
    while len(knows.codes) == asked:
        if knows.pages[-1][2] == "password":
            knows = await wire.answer(knows, username=NAME, password=PASSWORD)
            continue
        must(hold=bool(shown), otherwise="none of the app's codes is accepted")
        knows = await wire.answer(knows, way="totp", otp=shown.pop(0))
    must(
        hold=used != (len(shown) == len(DRIFTS) - 1),
        otherwise=f"the first code was used: {used}, and {len(shown)} are left",
    )
    knows = await wire.redeem(knows, knows.codes[-1])
    knows = await wire.refresh(knows, knows.tokens[-1][1])
    must(hold=await wire.stands(knows.tokens[-1][0]), otherwise="a fresh access token is dead")
    await wire.revoke(knows.tokens[-1][1])
    await dead(wire, *knows.tokens[-1])


HOLDS: Mapping[str, Callable[[Scene], Awaitable[None]]] = {
    "asked who": page_holds,
    "signed in": session_holds,
    "entered": token_holds,
    "asked": page_holds,
    "guessed": guess_holds,
    "proven": session_holds,
    "redeemed": token_holds,
    "refreshed": rotation_holds,
    "revoked": revocation_holds,
    "replayed": replay_holds,
}
"""What holds at once, by the step that was answered last."""

AGAIN: Mapping[str, Callable[[Scene], Awaitable[Knows]]] = {
    "signed in": signed_in_again,
    "entered": redeemed_again,
    "guessed": guessed_again,
    "proven": proven_again,
    "redeemed": redeemed_again,
    "refreshed": refreshed_again,
    "revoked": revoked_again,
    "replayed": replayed_again,
}
"""What sending a request again leads to, by the step that was not answered; the others are simply walked."""

ONCE: Mapping[str, Callable[[Scene, Knows], Awaitable[None]]] = {
    "signed in": signed_in_once,
    "entered": redeemed_once,
    "proven": proven_once,
    "redeemed": redeemed_once,
}
"""What cannot be used again after the next step, by the step that was answered last."""
