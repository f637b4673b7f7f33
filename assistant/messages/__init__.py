"""What the program says to its readers: one TOML file a language, `ar.toml` and `en.toml`.

Arabic for a question in Arabic, English for every other. A message is only ever filled with names and dates, in one
pass, so what an article calls its publisher cannot become part of the message's own wording.
"""

import functools
import tomllib
from datetime import datetime
from importlib import resources
from typing import Any

__all__ = ["date", "lead", "phrase", "typed_patterns", "typed_words"]


@functools.cache
def _messages(language: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__name__).joinpath(f"{language}.toml").read_text("utf-8"))


def _entry(name: str, language: str) -> Any:  # noqa: ANN401 - a message is a string, the months are a list
    return _messages("ar" if language == "ar" else "en")[name]


def phrase(name: str, language: str, **names: str) -> str:
    """The message of that name in the reader's language, its {names} filled in.

    Raises:
        KeyError: no message is called that, or one of its names is missing.
    """
    return str(_entry(name, language)).format(**names)


def typed_words(name: str) -> dict[str, list[str]]:
    """The words that readers may type, in all languages, by what they mean: {"help": ["help", ...], ...}."""
    tables = [_entry(name, language) for language in ("en", "ar")]
    return {meaning: [word for table in tables for word in table[meaning]] for meaning in tables[0]}


def typed_patterns(name: str) -> dict[str, str]:
    """The regular expressions for what readers may type, in all languages, by what it means."""
    tables = [_entry(name, language) for language in ("en", "ar")]
    return {meaning: "|".join(table[meaning] for table in tables) for meaning in tables[0]}


def date(when: datetime | None, language: str) -> str:
    """A date as a reader writes it: "3 March 2019", «3 مارس 2019»; "undated" for None. The day is that of UTC."""
    if when is None:
        return phrase("undated", language)
    month = _entry("months", language)[when.month - 1]
    return phrase("date", language, day=str(when.day), month=month, year=str(when.year))


def lead(publisher: str, published: datetime | None, language: str) -> str:
    """The line that leads to a quotation: who says it, and when.

    "According to Sample Wire, 3 March 2019:"; what is not known is said or left out, never invented.
    """
    name = f"lead{'' if publisher else '_nameless'}{'' if published else '_undated'}"
    return phrase(name, language, publisher=publisher, date=date(published, language))
