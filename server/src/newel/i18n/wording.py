"""From messages to words: look up, choose the plural, put in the values."""

import re
from collections.abc import Mapping
from datetime import tzinfo

from newel.i18n import formats
from newel.i18n.catalogue import SOURCE, Catalogue
from newel.i18n.message import Amount, Clock, Day, Iban, Text, Words

PLACE = re.compile(r"%\((\w+)\)s")


class UntranslatedError(LookupError):
    """A message without a text in this language, where all are asked for."""


class Wording:
    """The words of one language at one place on earth."""

    def __init__(self, locale: str, catalogue: Catalogue, zone: tzinfo, *, strict: bool = False) -> None:
        self.locale = locale
        self._catalogue = catalogue
        self._zone = zone
        self._strict = strict

    def say(self, words: Words) -> str:
        """Word a message; a text that is already worded stays. KeyError for a place without a value."""
        return self._fill(self._look_up(words), words.args) if isinstance(words, Text) else self.value(words)

    def gettext(self, message: str, /, **args: object) -> str:
        """Word a message written in a template: `_('…', name=value)`."""
        return self.say(Text(message, args))

    def value(self, value: object) -> str:
        """Write one value as this language does."""
        match value:
            case Text():
                return self.say(value)
            case Amount(minor, currency):
                return formats.amount(minor, currency, self.locale)
            case Clock(at):
                return formats.clock(at, self._zone)
            case Day(at, year):
                return formats.day(at, self._zone, self.locale, year=year)
            case Iban(number):
                return formats.iban(number)
            case _:
                return str(value)

    def _fill(self, text: str, args: Mapping[str, object]) -> str:
        return PLACE.sub(lambda place: self.value(args[place[1]]), text) if "%(" in text else text

    def _look_up(self, text: Text) -> str:
        many = bool(text.plural) and text.args["n"] != 1
        if text.plural and (forms := self._catalogue.plural.get(text.id)):
            return forms[many]
        if not text.plural and (found := self._catalogue.singular.get(text.id)):
            return found
        if self._strict and self.locale != SOURCE:
            raise UntranslatedError(text.id)
        # Ids are typed with the straight apostrophe; what people read has the typographic one.
        return (text.plural if many else text.id).replace("'", "\u2019")
