"""From a question to an answer that is proven by exact quotations.

from assistant import ask
answer = ask("من ترأس الاجتماع؟")
"""

from assistant.answer import Answer, Done, Event, Found, Hit, Quote, Searching, Stated, Statement, Turn
from assistant.assistant import Assistant
from assistant.default import ask
from assistant.settings import Settings, load_settings

__all__ = [
    "Answer",
    "Assistant",
    "Done",
    "Event",
    "Found",
    "Hit",
    "Quote",
    "Searching",
    "Settings",
    "Stated",
    "Statement",
    "Turn",
    "ask",
    "load_settings",
]
