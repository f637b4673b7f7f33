"""What is typed behind /khabar, in English or Arabic."""

from dataclasses import dataclass

from assistant.slack.events import question
from ingest.language import detect, folded

_WORDS = {
    "help": "help", "مساعده": "help", "ساعدني": "help",
    "watch": "watch", "follow": "watch", "تابع": "watch", "متابعه": "watch",
    "watches": "watches", "المتابعات": "watches", "متابعات": "watches",
    "unwatch": "unwatch", "unfollow": "unwatch", "الغ": "unwatch", "الغاء": "unwatch",
    "brief": "brief", "موجز": "brief", "الموجز": "brief",
}  # fmt: skip
_ALONE = frozenset({"help", "watches", "brief"})  # with words behind them they begin a question


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what stands behind it.

    Attributes:
        name: "help", "watch", "watches", "unwatch", "brief" or "ask".
        rest: the question, or the number of a watch.
        language: "ar" or "en", of the words.
    """

    name: str
    rest: str
    language: str


def read_command(text: str) -> Command:
    """Read what is typed behind the command; nothing is "help"."""
    typed = question(text)
    word, _, rest = typed.partition(" ")
    spoken = "ar" if detect(typed) == "ar" else "en"
    name = _WORDS.get(folded(word), "ask") if typed else "help"
    if name in _ALONE and rest.strip():
        name = "ask"
    return Command(name, typed if name == "ask" else rest.strip(), spoken)
