"""The messages that readers see, in one TOML file per language: `ar.toml` and `en.toml`.

A question in Arabic is answered with Arabic messages, any other with English ones. The {names} of a message are filled
in a single pass, so that braces in a publisher's name have no effect.
"""

import functools
import tomllib
from datetime import datetime
from importlib import resources
from typing import Any

__all__ = ["all_messages", "date", "lead", "phrase", "typed_patterns", "typed_words"]


def all_messages(language: str) -> dict[str, Any]:
    """Return the messages for readers of a language: strings, the list of months, and the words they may type."""
    return _load("ar.toml" if language == "ar" else "en.toml")


@functools.cache
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__name__).joinpath(name).read_text("utf-8"))


def phrase(name: str, language: str, **names: str) -> str:
    """Return a message in the reader's language, with its {names} filled in.

    Raises:
        KeyError: there is no such message, or one of its names has no value.
    """
    return str(all_messages(language)[name]).format(**names)


def typed_words(name: str) -> dict[str, list[str]]:
    """Return the words that readers may type, in all languages, by their meaning: {"help": ["help", ...], ...}."""
    tables = [all_messages(language)[name] for language in ("en", "ar")]
    return {meaning: [word for table in tables for word in table[meaning]] for meaning in tables[0]}


def typed_patterns(name: str) -> dict[str, str]:
    """Return the patterns of texts that readers may type, for all languages at once, by their meaning."""
    tables = [all_messages(language)[name] for language in ("en", "ar")]
    return {meaning: "|".join(table[meaning] for table in tables) for meaning in tables[0]}


def date(when: datetime | None, language: str) -> str:
    """Write out the date of a time in UTC: "3 March 2019"; "undated" for None.

    The names of the months are CLDR's. They are messages because importing Babel for them would make every cold
    question a tenth of a second slower.
    """
    if when is None:
        return phrase("undated", language)
    month = all_messages(language)["months"][when.month - 1]
    return phrase("date", language, day=str(when.day), month=month, year=str(when.year))


def lead(publisher: str, published: datetime | None, language: str) -> str:
    """Introduce a quotation: "According to Sample Wire, 3 March 2019:". Without a name or date, the message says so."""
    name = f"lead{'' if publisher else '_nameless'}{'' if published else '_undated'}"
    return phrase(name, language, publisher=publisher, date=date(published, language))
