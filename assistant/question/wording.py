"""The words that questions are made of: those that ask, those that continue a conversation, those that ask for figures.

They are read in questions only. The terms of an archive are made without them, so a list may grow and no archive has
to be indexed again.
"""

import functools
import re
from collections.abc import Set
from dataclasses import dataclass
from typing import ClassVar

from ingest.language import folded, terms, words
from ingest.language.data import merged
from ingest.language.patterns import alternation, any_of
from ingest.language.proclitics import Proclitics


@dataclass(frozen=True)
class Measure:
    """Something that is asked for as a figure.

    Attributes:
        asked: the words that ask for it and for nothing else.
        given: matches what a text contains that gives it.
    """

    asked: frozenset[str]
    given: re.Pattern[str]


@dataclass(frozen=True)
class QuestionWords:
    """The closed classes of words that questions are made of.

    Attributes:
        asking: "when", "who", in the standard language, where they are no function words.
        dialect: the same in dialects and as they are typed.
        fillers: words of dialects that mean nothing by themselves.
        unfoldable: matches words that only ask and that folding would make another word; matched before folding.
        going_on: matches a beginning that continues a conversation and names nothing: "and", "tell me more".
        attached_and: "and", written in one with the next word.
        after_attached_and: matches words behind it, besides those that ask, that show that it is one.
        correcting: matches a beginning that takes back what was asked: "no, I meant".
        standing_in: matches words that stand for something said before: "she", "there".
        aspects: what is asked about a thing: "rate" of "the unemployment rate".
    """

    TOPIC: ClassVar[str] = "questions"

    asking: frozenset[str]
    dialect: frozenset[str]
    fillers: frozenset[str]
    unfoldable: re.Pattern[str]
    going_on: re.Pattern[str]
    attached_and: frozenset[str]
    after_attached_and: re.Pattern[str]
    correcting: re.Pattern[str]
    standing_in: re.Pattern[str]
    aspects: frozenset[str]
    age: Measure
    price: Measure
    pay: Measure
    length: Measure

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All measures."""
        return self.age, self.price, self.pay, self.length


def asked_terms(text: str, language: str) -> list[str]:
    """The terms of a question, without the words that only ask, in any dialect."""
    known = merged(QuestionWords, language)
    asked = [word for word in words(known.unfoldable.sub(" ", text)) if word not in _only_ask(language)]
    return terms(" ".join(asked), language)


@functools.cache
def _only_ask(language: str) -> Set[str]:
    """The words that only ask, with and without a conjunction written in one with them."""
    known, conjunctions = merged(QuestionWords, language), merged(Proclitics, language).conjunctions
    attached = {one + word for one in conjunctions for word in known.dialect | known.fillers}
    standard = {one + word for one in known.attached_and for word in known.asking}
    return known.dialect | known.fillers | attached | standard


@functools.cache
def opening(language: str) -> re.Pattern[str]:
    """Matches the beginning of a question that continues a conversation: "and when?", "yes, tell me more"."""
    known = merged(QuestionWords, language)
    attached = any_of(known.attached_and)
    and_ = rf"{attached}(?={any_of(known.asking | known.dialect)}\b|{alternation(known.after_attached_and)})"
    return re.compile(rf"^(?:(?:{attached}?{alternation(known.going_on)}\b[\W_]*)+(?:{and_})?|{and_})")


@functools.cache
def correcting(language: str) -> re.Pattern[str]:
    """Matches the beginning of a question that takes back what was asked: "no, I meant the fire"."""
    return re.compile(rf"^\W*{alternation(merged(QuestionWords, language).correcting)}")


def standing_in(language: str) -> re.Pattern[str]:
    """Matches a word that stands for something said before."""
    return merged(QuestionWords, language).standing_in


def subjects(asked: Set[str], language: str) -> Set[str]:
    """Terms without those of what is asked about a thing: "the unemployment rate" is about unemployment."""
    return asked - _aspects(language)


@functools.cache
def _aspects(language: str) -> Set[str]:
    return frozenset(terms(" ".join(merged(QuestionWords, language).aspects), language))


def gives_measures(text: str, asked: Set[str], question_language: str, text_language: str) -> bool:
    """Whether a text gives each measure that terms ask for.

    True if the terms do not ask for measures alone.

    Args:
        text: of an article.
        asked: the terms of a question.
        question_language: ISO 639-1.
        text_language: ISO 639-1.
    """
    normalized = folded(text)
    measures = merged(QuestionWords, text_language).measures
    return all(
        measure.given.search(normalized)
        for measure, asking in zip(measures, _measure_terms(question_language), strict=True)
        if asked and asked <= asking
    )


@functools.cache
def _measure_terms(language: str) -> tuple[Set[str], ...]:
    measures = merged(QuestionWords, language).measures
    return tuple(frozenset(terms(" ".join(measure.asked), language)) for measure in measures)
