"""What the program says to its readers: one TOML file a language, `ar.toml` and `en.toml`.

A question in Arabic is answered with Arabic messages, any other with English ones. A message is filled in a single
pass, so that braces in a publisher's name are only characters.
"""

import functools
import tomllib
from datetime import datetime
from importlib import resources
from typing import Any

__all__ = ["all_messages", "date", "lead", "phrase", "typed_patterns", "typed_words"]


def all_messages(language: str) -> dict[str, Any]:
    """Return the messages for a reader of that language: strings, and the list of months."""
    return _load("ar.toml" if language == "ar" else "en.toml")


@functools.cache
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__name__).joinpath(name).read_text("utf-8"))


def phrase(name: str, language: str, **names: str) -> str:
    """Return the message of that name in the reader's language, its {names} filled in.

    Raises:
        KeyError: there is no such message, or one of its names is missing.
    """
    return str(all_messages(language)[name]).format(**names)


def typed_words(name: str) -> dict[str, list[str]]:
    """The words that readers may type, in all languages, by what they mean: {"help": ["help", ...], ...}."""
    tables = [all_messages(language)[name] for language in ("en", "ar")]
    return {meaning: [word for table in tables for word in table[meaning]] for meaning in tables[0]}


def typed_patterns(name: str) -> dict[str, str]:
    """The regular expressions for what readers may type, in all languages, by what it means."""
    tables = [all_messages(language)[name] for language in ("en", "ar")]
    return {meaning: "|".join(table[meaning] for table in tables) for meaning in tables[0]}


def date(when: datetime | None, language: str) -> str:
    """Write out a date, by the day in UTC: "3 March 2019"; "undated" for None.

    The months are CLDR's, and stand among the messages because importing Babel for them would make every cold question
    a tenth of a second slower.
    """
    if when is None:
        return phrase("undated", language)
    month = all_messages(language)["months"][when.month - 1]
    return phrase("date", language, day=str(when.day), month=month, year=str(when.year))


def lead(publisher: str, published: datetime | None, language: str) -> str:
    """Introduce a quotation: "According to Sample Wire, 3 March 2019:". What is unknown is said to be, or left out."""
    name = f"lead{'' if publisher else '_nameless'}{'' if published else '_undated'}"
    return phrase(name, language, publisher=publisher, date=date(published, language))
