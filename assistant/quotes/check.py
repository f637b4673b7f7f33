"""Whether a statement says no more, and nothing else, than its quotes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.answer import Quote
from assistant.quotes.amounts import missing
from assistant.quotes.forms import key
from assistant.quotes.marks import unquoted
from assistant.quotes.modality import made_certain
from assistant.quotes.names import compare, written_out
from assistant.quotes.opposites import senses, spelled_out
from assistant.quotes.orders import is_instruction
from assistant.quotes.polarity import lost_or_added, sweeping
from assistant.quotes.speakers import of_another
from ingest.text import direction, figures, folded, language, sentences, terms, unit_of
from ingest.text import words as words_of

# Of a sentence's words, that stand in its quotes or in their titles; where both are in one language.
# Chosen on the drafts of a small model (tests/bench/small_model.py): at .5 it makes up what things have to do with each
# other; above .6 the quotation trial (tests/assistant/test_quotes.py) loses what is right, 4 of 287 at .65.
SUPPORTED = 0.6
LONGEST_OWN = 3
"""Words in a row that a sentence may have of its own."""

# Who says it and when stands in the quote's own heading, and dates are figures: these words add nothing.
_IDLE = re.compile(
    r"years?|months?|days?|hours?|around|some|also|said|says|say|according|reported|announced|added|told|stated|since|still|per"
    r"|[وف]?(?:ال|لل|بال)?(?:عام|سنه|شهر|يوم|ساعه)|[وف]?[يت]?(?:قال|قول|اعلن|علن|ذكر|اضاف|ضيف|اوضح|وضح|بحسب|حسب|وفق|وفقا|افاد|بلغ|وصف|صف|اقر|قر|راي|اعتبر|عتبر|اشار|شير)(?:ت|وا)?"
    r"|[وف]?(?:لكن|لكنه|لكنها|لكنهم|بنحو|لنحو|حوالي|قرابه|مازال|ما زال|لا يزال)"
    r"|و(?:له|لها|لهم|هو|هي|هم|به|بها|فيه|فيها|ان|انه|انها|قد|كان|كانت|لم|لا|لن|من|في|عن|علي|الي)"
)
# A question that is open asks for what it does not say itself; "A or B?" and yes or no may be answered in its own words.
_OPEN = re.compile(
    r"^\W*(?:and |but |so )?(?:(?:in|on|at|by|for|to|from|since|until|with|of) )?(?:who|whom|whose|what|when|where|which|why|how)\b"
    r"|^\W*[وف]?(?:(?:في|من|الي|علي|عن|مع|منذ) )?(?:من|ما|ماذا|متي|اين|كم|كيف|لماذا|اي|ايه|بكم|لمن|مما|عما)\b"
)
_DID = re.compile(r"\b(?:do|does|did)\b")
_FILLING = re.compile(
    r"the|an?|it|they|he|she|is|are|was|were|be|been|has|have|had|do|does|did|of|to|that|and|also"
    r"|[وف]?(?:في|قد|لقد|ان|انه|انها|كان|كانت|هو|هي|هم|تم)"
)
_OR = re.compile(r"\b(?:or|whether|او|ام)\b")
_HEAD = 500  # characters of an article that tell its script
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+\.\w+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|xyz|info|io|site|online|ru|cn|co|biz)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a statement is not said.

    Attributes:
        kind: "ids", "figures", "polarity", "names", "words", "meaning", "instruction", "language", "address" or
            "question".
        reason: for the model that wrote it, and for whoever looks at what was dropped.
    """

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: a fault or none, and the names that could not be compared across scripts."""

    fault: Fault | None
    unchecked: tuple[str, ...] = ()


def check(statement: str, quotes: Sequence[Quote], question: str = "") -> Checked:
    """Check a statement against the quotes that are said to carry it.

    Args:
        statement: its plain words.
        quotes: what it stands on, one or more.
        question: what was asked, if it is to be about that.
    """
    words = [quote.text for quote in quotes]
    spoken = language(question) if question else language(statement)
    headings = [part for quote in quotes for part in (quote.article.title, quote.article.publisher)]
    sources = [*words, *(part for part in headings if not is_instruction(part))]
    sources += written_out(statement, sources)
    if fault := _no_proof(words) or _no_news(statement, question) or _address(statement, words):
        return Checked(fault)
    if absent := missing(statement, words):
        return Checked(Fault("figures", f"these figures are not in the cited sentences: {', '.join(absent)}"))
    said, held = spelled_out(statement, sources), [spelled_out(text, [statement]) for text in sources]
    tongues = [spoken_in(quote) for quote in quotes]
    alike = [text for text, tongue in zip(words, tongues, strict=True) if tongue == spoken]
    turned = lost_or_added(said, spoken, list(zip(held, tongues, strict=False)))  # without the headings behind them
    if turned := turned or made_certain(statement, spoken, alike):
        return Checked(Fault("polarity", turned))
    names = compare(statement, sources)
    if names.missing:
        return Checked(Fault("names", f"these names are not in the cited sentences: {', '.join(names.missing)}"))
    if len(alike) == len(words):
        if own := _own_words(said, spoken, held):
            return Checked(Fault("words", f"the cited sentences do not say: {own}"))
        if other := of_another(statement, spoken, words):
            return Checked(Fault("names", f"the cited sentences say this of another: {other}"))
        if question and not _about(question, spoken, [statement, *sources]):
            return Checked(Fault("question", "it is not about the question"))
        if question and _echoes(statement, question):
            return Checked(Fault("question", "it says no more than the question itself"))
    if word := sweeping(statement, words):
        return Checked(Fault("words", f"the cited sentences do not say: {word}"))
    return Checked(None, names.unchecked)


def spoken_in(quote: Quote) -> str:
    """The language of a quotation: its article's, unless it stands there in another script.

    Of a single sentence one language is too easily taken for another of the same script.
    """
    own = quote.article
    same = direction(quote.text) == direction(own.text[:_HEAD])
    return own.language if own.language and same else language(quote.text)


def _no_proof(words: Sequence[str]) -> Fault | None:
    """Sentences that ask or order say nothing that a statement could stand on."""
    if all(is_instruction(text) for text in words):
        return Fault("instruction", "the cited sentences are instructions, not news")
    if all(text.rstrip(" \"'”»").endswith(("?", "؟")) for text in words):
        return Fault("instruction", "the cited sentences only ask")
    return None


def _no_news(statement: str, question: str) -> Fault | None:
    """What is no statement to whoever asked: an order, or words in another script than theirs."""
    outside = unquoted(statement)
    if any(is_instruction(outside[start:end]) for start, end in sentences(outside)):
        return Fault("instruction", "it gives orders, or speaks of itself, and is no news")
    if question and outside and direction(outside) != direction(question):
        return Fault("language", "it is not in the language of the question")
    return None


def _address(statement: str, words: Sequence[str]) -> Fault | None:
    held = folded(" ".join(words))
    strange = [found for found in _ADDRESS.findall(statement) if folded(found) not in held]
    return (
        Fault("address", f"these addresses are not in the cited sentences: {', '.join(strange)}") if strange else None
    )


def _own_words(statement: str, spoken: str, sources: Sequence[str]) -> str:
    """The words of a sentence that has too many that its sources do not hold; empty if none has."""
    held = {key for text in sources for key in _keys(text, spoken)}
    meant = frozenset().union(*map(senses, sources))
    measured = {unit_of(word) for text in sources for word in words_of(text)} - {""}
    for start, end in sentences(statement):
        # Numbers and their units are left to the check of figures, which knows them in all their forms.
        numbers = figures(statement[start:end])
        counted = {word for figure in numbers for word in figure.words.split()}
        units = {word for one in numbers for word in one.after[:1] if unit_of(word) in measured}
        found = [
            (term, word)
            for word in words_of(statement[start:end])
            if word not in counted and len(word) > 1 and not _IDLE.fullmatch(word) and not any(map(str.isdigit, word))
            for term in terms(word, spoken)
        ]
        own = {
            term
            for term, word in found
            if word not in units and held.isdisjoint((term, key(term))) and meant.isdisjoint(senses(word))
        }
        said = [term for term, _ in found]
        unheld = [term for term in said if term in own]
        if len(unheld) > (1 - SUPPORTED) * len(said) or _longest_run(said, own) > LONGEST_OWN:
            return ", ".join(dict.fromkeys(unheld))
    return ""


def _longest_run(found: Sequence[str], own: set[str]) -> int:
    longest = run = 0
    for term in found:
        run = run + 1 if term in own else 0
        longest = max(longest, run)
    return longest


def _keys(text: str, spoken: str) -> Iterator[str]:
    for term in terms(text, spoken):
        yield term
        yield key(term)


def _about(question: str, spoken: str, texts: Sequence[str]) -> bool:
    asked = {key(term) for term in terms(question, spoken)}
    return not asked or any(not asked.isdisjoint(_keys(text, spoken)) for text in texts)


def _echoes(statement: str, question: str) -> bool:
    """Whether an open question is only said back: what it takes for granted nobody has proven."""
    asked = folded(question)
    if not _OPEN.match(asked) or _OR.search(asked):
        return False
    known = {key(word) for word in words_of(asked)}
    said = [key(word) for word in words_of(statement) if not _FILLING.fullmatch(word)]
    own = [word for word in said if word not in known]
    if len(own) == 1 and _DID.search(asked):  # "when did they win": "they won"
        unsaid = {key(term) for term in terms(question, "en")}.difference(said)
        return any(term[0] == own[0][0] for term in unsaid)
    return not own
