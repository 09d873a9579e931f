"""Every refusal as a page: what happened to the act, and what to do. Each ends in at most one way on."""

from collections.abc import Mapping, Sequence

from newel.i18n.acts import Act
from newel.i18n.message import Clock, Text, Words
from newel.web.views import Frame, Link, Post, Refusal

NOT_YET: Mapping[str, Text] = {
    "approve": Text("the approval of another person"),
    "entitle": Text("a special permission"),
    "meter": Text("units of an allowance"),
    "session": Text("a token that is bound to a key"),
}
"""The parts of a requirement that cannot be given yet."""


def declined(frame: Frame, act: Act, *, onward: Link | Post | None = None) -> Refusal:
    """The person said no."""
    return Refusal(frame=frame, title=act.nothing, happened=act.declined, onward=onward)


def no_answer(frame: Frame, act: Act, *, until: int, onward: Link | Post | None = None) -> Refusal:
    """The time for an answer passed; `until` in seconds since the epoch."""
    return Refusal(
        frame=frame,
        title=Text("The time ran out"),
        happened=Text("No answer came by %(until)s. %(nothing)s", {"until": Clock(until), "nothing": act.nothing}),
        todo=Text("Ask again; your form is kept."),
        onward=onward,
    )


def gone(frame: Frame, *, onward: Link | None = None) -> Refusal:
    """The interaction is not known any more, or never was; the two are not told apart."""
    return Refusal(
        frame=frame,
        title=Text("This page has ended"),
        happened=Text("It was answered, or its time ran out. Nothing more happens here."),
        todo=Text("Go back to the application and begin again there. Your form is kept."),
        onward=onward,
    )


def done_elsewhere(frame: Frame, *, onward: Link | None = None) -> Refusal:
    """Another tab answered."""
    return Refusal(
        frame=frame,
        title=Text("Already confirmed"),
        happened=Text("You confirmed this in another tab."),
        todo=Text("Go on there; you can close this one."),
        onward=onward,
        tone="good",
    )


def wrong_browser(frame: Frame) -> Refusal:
    """The browser's cookie is missing, or belongs to another interaction; also a form from a page that is not ours."""
    return Refusal(
        frame=frame,
        title=Text("This didn't come from your page"),
        happened=Text("Nothing was changed: this browser didn't begin what the form belongs to."),
        todo=Text("Open the application again in the browser where you began. Cookies have to be allowed for it."),
        tone="warn",
    )


def resting(frame: Frame, act: Act, *, until: int, others: bool, onward: Link | Post | None = None) -> Refusal:
    """The way that was tried rests; `others` where the person could take another."""
    at = {"until": Clock(until)}
    return Refusal(
        frame=frame,
        title=Text("This way rests for a while"),
        happened=Text("There were too many tries. %(nothing)s", {"nothing": act.nothing}),
        todo=Text("It works again from %(until)s. Your other ways still work.", at)
        if others
        else Text("It works again from %(until)s.", at),
        onward=onward,
        tone="warn",
    )


def too_often(frame: Frame, *, until: int) -> Refusal:
    """Too many requests from here, whoever sends them."""
    return Refusal(
        frame=frame,
        title=Text("Too many tries from here"),
        happened=Text("Nothing was changed."),
        todo=Text("Try again from %(until)s.", {"until": Clock(until)}),
        tone="warn",
    )


def unknown_application(frame: Frame, record: str | None = None) -> Refusal:
    """The client is not registered here, or asks to return to an address that is not its own: no redirect."""
    return Refusal(
        frame=frame,
        title=Text("This application isn't registered here"),
        happened=Text("Nothing was changed, and nothing was sent to it."),
        todo=Text("If you expected to sign in here, tell the people who run the application."),
        record=record,
        tone="warn",
    )


def unreadable(frame: Frame, record: str | None = None) -> Refusal:
    """The application's request cannot be read."""
    return Refusal(
        frame=frame,
        title=Text("The application asked in a way we don't understand"),
        happened=Text("Nothing was changed."),
        todo=Text("Go back and try again. If it happens again, tell the people who run the application."),
        record=record,
        tone="warn",
    )


def request_over(frame: Frame, record: str | None = None) -> Refusal:
    """A pushed request that was answered, ran out, is another application's, or never was: not told apart."""
    return Refusal(
        frame=frame,
        title=Text("This request has ended"),
        happened=Text("It was answered, or its time ran out. Nothing was changed."),
        todo=Text("Go back to the application and begin again there."),
        record=record,
        tone="warn",
    )


def reported(frame: Frame, organisation: str, *, record: str, onward: Link | None = None) -> Refusal:
    """The person says that they did not start this."""
    return Refusal(
        frame=frame,
        title=Text("Stopped"),
        happened=Text(
            "We signed out that browser and told %(organisation)s. Next: change your password.",
            {"organisation": organisation},
        ),
        onward=onward,
        record=record,
        tone="good",
    )


def not_allowed(
    frame: Frame, act: Act, *, organisation: str, because: Sequence[str], onward: Link | None = None
) -> Refusal:
    """The policy denies what a person wants to do at their own account; `because` are the reasons of its rules."""
    said: Words = Text("The rules of %(organisation)s refuse it.", {"organisation": organisation})
    for reason in because:
        said = Text("%(said)s The reason: %(reason)s.", {"said": said, "reason": Text(reason)})
    return Refusal(
        frame=frame,
        title=Text("This isn't allowed"),
        happened=Text("%(nothing)s %(said)s", {"nothing": act.nothing, "said": said}),
        todo=Text("If you need it, ask the help desk. Another try here won't help."),
        onward=onward,
        tone="warn",
    )


def not_yet(frame: Frame, act: Act, *, organisation: str, wanted: str, onward: Link | None = None) -> Refusal:
    """The policy asks for something that nobody can give yet; `wanted` is its part of a requirement."""
    what = NOT_YET[wanted]
    return Refusal(
        frame=frame,
        title=Text("This can't be done yet"),
        happened=Text(
            "%(nothing)s The rules of %(organisation)s ask for %(what)s here, and that can't be given yet.",
            {"nothing": act.nothing, "organisation": organisation, "what": what},
        ),
        todo=Text("If you need it, ask the help desk. Another try here won't help."),
        onward=onward,
        tone="warn",
    )


def beyond_ways(frame: Frame, act: Act, *, onward: Link | None = None) -> Refusal:
    """The person's ways to confirm cannot meet what their own account asks."""
    return Refusal(
        frame=frame,
        title=Text("Your ways to confirm aren't enough here"),
        happened=act.nothing,
        todo=Text("Something stronger is asked than your account has. Ask the help desk for it."),
        onward=onward,
        tone="warn",
    )


def not_put_off(frame: Frame, *, onward: Link) -> Refusal:
    """What a person wanted to put off cannot be, or not any more."""
    return Refusal(
        frame=frame,
        title=Text("This can't be put off now"),
        happened=Text("You have put it off as often as you could, or its last day has passed. Nothing was changed."),
        todo=Text("Go on and confirm as asked. If you can't, ask the help desk."),
        onward=onward,
    )


def address_spent(frame: Frame) -> Refusal:
    """A one-time sign-up address that was used, ran out, or never was."""
    return Refusal(
        frame=frame,
        title=Text("This address doesn't work any more"),
        happened=Text("It was used, or its time ran out. Nothing was changed."),
        todo=Text("Ask whoever gave it to you for a new one, or sign in if you have signed up."),
    )
