"""Parse the text after /khabar, in English or Arabic."""

import functools
from dataclasses import dataclass

from assistant.messages import typed_words
from assistant.slack.events import plain_text
from ingest.language import detect, folded

_WITHOUT_ARGUMENT = frozenset({"help", "watches", "brief"})  # with other words after them, they begin a question


@dataclass(frozen=True, slots=True)
class Command:
    """A command and its argument.

    Attributes:
        name: "help", "watch", "watches", "unwatch", "brief" or "ask".
        argument: the question, or the number of a watch.
        language: of the typed words, "ar" or "en".
    """

    name: str
    argument: str
    language: str


@functools.cache
def _command_names() -> dict[str, str]:
    """The name of each command, by the folded words that readers type for it."""
    return {folded(word): name for name, words in typed_words("slack_commands").items() for word in words}


def read_command(text: str) -> Command:
    """Parse the text of a slash command; an empty text asks for help."""
    typed = plain_text(text)
    word, _, argument = typed.partition(" ")
    name = _command_names().get(folded(word), "ask") if typed else "help"
    if name in _WITHOUT_ARGUMENT and argument.strip():
        name = "ask"
    language = "ar" if detect(typed) == "ar" else "en"
    return Command(name, typed if name == "ask" else argument.strip(), language)
