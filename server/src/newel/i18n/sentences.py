"""The sentences of the pages: what is asked and why, what went wrong and the cure. One function each; times in seconds."""

from newel.i18n.message import Clock, Day, Text, Words, several

MINUTE, HOUR, DAY = 60, 3600, 86_400


def asks(client: Words, because: Words) -> Text:
    """Say who asks and why; `because` is a clause without a full stop, from the policy."""
    return Text("%(client)s asks because %(because)s.", {"client": client, "because": because})


def asks_plainly(client: Words) -> Text:
    """Say who asks where no reason was given."""
    return Text("%(client)s asks you to confirm that it's you.", {"client": client})


def change_asks() -> Text:
    """Say why a change of one's own account asks, whatever the rules say."""
    return Text("Changing how you sign in needs your strongest proof, not older than 5 minutes.")


def account_asks() -> Text:
    """Say that coming to one's own account asks, where no rule says why."""
    return Text("Your account asks you to confirm that it's you.")


def because(reason: Words) -> Text:
    """Say why it is asked: a clause without a full stop, from the policy."""
    return Text("We ask because %(reason)s.", {"reason": reason})


def also_because(said: Words, reason: Words) -> Text:
    """Say what was said, and another reason: a clause without a full stop, from the policy."""
    return Text("%(said)s We also ask because %(reason)s.", {"said": said, "reason": reason})


def fallen_met() -> Text:
    """Say that the fallback of a demand is met already."""
    return Text(
        "Your account has nothing as strong as this asks for, so what you have proven already is taken in its place. "
        "Nothing more is asked now."
    )


def fallen() -> Text:
    """Say that less is asked than the rule wants, because the account cannot give it."""
    return Text("Your account has nothing stronger to prove this with, so another proof is taken in its place.")


def put_off(left: int, until: int, *, year: bool) -> Text:
    """Say how often, this time included, and until which day (the last one) it can be put off."""
    return several(
        "You can put this off once more, until %(until)s. After that it is needed to sign in.",
        "You can put this off %(n)s more times, until %(until)s. After that it is needed to sign in.",
        left,
        until=Day(until, year),
    )


def compare() -> Text:
    """Ask to compare with something other than the screen."""
    return Text("Compare with your invoice, not with the page you came from.")


def again() -> Text:
    """Say that the application wants a fresh sign-in."""
    return Text("You signed in a while ago, so we ask again.")


def wrong_password() -> Text:
    """Refuse a name and password together, never saying which was wrong."""
    return Text("Name and password don't match. Check both, or use a passkey.")


def wrong_password_again() -> Text:
    """Refuse the password of a person already known."""
    return Text("That password doesn't match. Check it, or use another way.")


def unknown_passkey() -> Text:
    """Refuse a passkey the server does not know any more."""
    return Text("That passkey is no longer in your account. Use another one, or another way.")


def refused_passkey() -> Text:
    """Refuse an assertion that did not verify."""
    return Text("That passkey couldn't be checked. Try again, or use another way.")


def wrong_code() -> Text:
    """Refuse a code from an app."""
    return Text("That code doesn't match. Use the one your app shows now.")


def wrong_recovery_code() -> Text:
    """Refuse a recovery code."""
    return Text("That recovery code doesn't match. Check it against your list.")


def used_recovery_code() -> Text:
    """Refuse a spent recovery code."""
    return Text("That recovery code has been used. Take the next one on your list.")


def used_code() -> Text:
    """Refuse a code that was used before."""
    return Text("That code has been used. Your app shows a new one within 30 seconds.")


def tries_left(n: int) -> Text:
    """Say how many tries are left."""
    return several("%(n)s try left.", "%(n)s tries left.", n)


def day_and_time(day: object, clock: object) -> Text:
    """Join a day and a time."""
    return Text("%(day)s, %(clock)s", {"day": day, "clock": clock})


def removed(name: str) -> Text:
    """Say that a way was removed."""
    return Text("%(name)s was removed. It can't confirm anything any more.", {"name": name})


def renamed(name: str) -> Text:
    """Say that a way was renamed."""
    return Text("It is now called %(name)s.", {"name": name})


def added(name: str) -> Text:
    """Say that a way was added."""
    return Text("%(name)s was added.", {"name": name})


def confirmed(name: str) -> Text:
    """Say that a way was confirmed with an older one and counts in full."""
    return Text("%(name)s is confirmed and counts in full now.", {"name": name})


def short_password(least: int) -> Text:
    """Refuse a password that is too short."""
    return Text(
        "That password is too short. Take at least %(n)s characters; several words are a good one.", {"n": least}
    )


def common_password() -> Text:
    """Refuse a password that many people use."""
    return Text("Many people use that password, so it is tried first. Take another; several words are a good one.")


def long_password(most: int) -> Text:
    """Refuse a password that is too long."""
    return Text("That password is too long. Take at most %(n)s characters.", {"n": most})


def refused_attestation() -> Text:
    """Refuse a new passkey that did not verify."""
    return Text("That passkey couldn't be added. Nothing has changed; you can try again.")


def act_at(at: int, client: str, verb: Words) -> Text:
    """Say when a person wanted to do something, and where; `verb` may be the display text's first line."""
    return Text(
        "On %(day)s at %(clock)s you wanted to do this at %(client)s: %(verb)s.",
        {"day": Day(at), "clock": Clock(at), "client": client, "verb": verb},
    )


def nothing_proven() -> Text:
    """Say that nothing was proven before."""
    return Text("Nothing yet.")


def proven(what: Words, age: int) -> Text:
    """Say how a person proved who they are, and how long ago (seconds)."""
    said = {"what": what}
    if age < MINUTE:
        return Text("%(what)s (a moment ago)", said)
    if age < HOUR:
        return several("%(what)s (%(n)s minute ago)", "%(what)s (%(n)s minutes ago)", age // MINUTE, **said)
    if age < DAY:
        return several("%(what)s (%(n)s hour ago)", "%(what)s (%(n)s hours ago)", age // HOUR, **said)
    return several("%(what)s (%(n)s day ago)", "%(what)s (%(n)s days ago)", age // DAY, **said)
