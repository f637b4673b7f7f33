"""Whether a statement is a shortening of a sentence: its own words, in their order, without the loss of any they need.

Statement and sentence are aligned word by word. Nothing may be added except words that carry no meaning. What is left
out must be separate from the rest by its form (between commas or brackets, at the end, a time), and must not hold a
word that the rest depends on: a negation, a hedge, a condition, who says it. These words are those of the language (see
`lexicon`); in a language without them only what stands in brackets may be left out.
"""

import functools
import re

from assistant.verification.lexicon import Lexicon, lexicon
from ingest.language import NumberWords, fold, folded
from ingest.language.data import merged, of_all_languages
from ingest.language.proclitics import Proclitics

LONGEST = 250
"""Words of a sentence or a statement at most; a longer one is no shortening."""

_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_COMMA = re.compile("[,;:]")
_PAUSE = re.compile(r"[,;:]|\s-+\s|\s-+$|^-+\s")
_SPEECH = re.compile(r'"[^"]*"')
_SPOKEN = 3  # words between quotation marks: fewer are a name or a term


def shortens(statement: str, sentence: str, language: str) -> bool:
    """Whether a statement is a shortening of this sentence.

    Args:
        statement: one sentence, of any length.
        sentence: the words of an article that are said to carry it.
        language: of the sentence, ISO 639-1.
    """
    source = _Sentence(sentence, language)
    stated = _content_words(statement, source)
    if not stated or len(stated) > LONGEST or len(source.words) > LONGEST or source.is_question or source.is_speech:
        return False
    ends = {-1}  # indexes in the sentence at which the words so far may end
    for word, comma in stated:
        ends = {
            index
            for index in source.indexes.get(source.key(word), ())
            for end in ends
            if end < index and (source.may_lose(end + 1, index) if end + 1 < index else source.commas[index] == comma)
        }
    return any(source.may_lose(end + 1, len(source.words)) for end in ends)


def _content_words(statement: str, source: "_Sentence") -> list[tuple[str, bool]]:
    """The words of a statement that carry a meaning, each with whether a comma stands before it."""
    content: list[tuple[str, bool]] = []
    text, behind, comma = folded(statement), 0, False
    for match in _word().finditer(text):
        comma = comma or _COMMA.search(text[behind : match.start()]) is not None
        behind = match.end()
        if not source.is_optional(match.group()):
            content.append((match.group(), comma))
            comma = False
    return content


def repeats(statement: str, sentence: str) -> bool:
    """Whether a statement is the whole sentence, word for word."""
    return _word().findall(folded(statement)) == _word().findall(folded(sentence))


@functools.cache
def _word() -> re.Pattern[str]:
    """Matches a number, a percent sign or a word; "per cent" is one word."""
    phrases = "".join(rf"{re.escape(word)}\b|" for word in sorted(of_all_languages(Lexicon).percent) if " " in word)
    return re.compile(rf"\d+(?:[.,:]\d+)*|%|{phrases}\w+(?:'\w+)*")


class _Sentence:
    """A sentence as words and gaps: `gaps[n]` is what stands before word n, the last one what stands behind all.

    `commas` and `pauses` say of each gap whether it has one; `indexes` has the words by their key.

    Args:
        text: as it stands in the article.
        language: ISO 639-1.
    """

    def __init__(self, text: str, language: str) -> None:
        whole = fold(text)
        matches = list(_word().finditer(whole.text))
        self.capitals = [text[whole.origins[match.start()]].isupper() for match in matches]
        edges = [0, *(edge for match in matches for edge in match.span()), len(whole.text)]
        self.words = [match.group() for match in matches]
        self.gaps = [whole.text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
        self.commas = [_COMMA.search(gap) is not None for gap in self.gaps]
        self.pauses = [_PAUSE.search(gap) is not None for gap in self.gaps]
        self._known = lexicon(language)
        self._attached = merged(Proclitics, language)
        self._percent = merged(Lexicon, language).percent
        self._numbers = merged(NumberWords, language).small
        self.indexes: dict[str, list[int]] = {}
        for index, word in enumerate(self.words):
            self.indexes.setdefault(self.key(word), []).append(index)
        self.is_question = self.gaps[-1].rstrip("\"' )").endswith("?")
        self.is_speech = self._is_speech(whole.text)

    def key(self, word: str) -> str:
        """What a word shares with its other spellings: "3" and "three", "%" and "percent", with or without an "and"."""
        if word in self._percent:
            return "%"
        if word[0].isdigit():
            return word.replace(",", "") if _THOUSANDS.fullmatch(word) else word
        word = self._attached.without_conjunction(word) if len(word) > 2 else word
        number = self._numbers.get(word)
        return word if number is None else str(number)

    def is_optional(self, word: str) -> bool:
        """Whether a word carries no meaning of its own."""
        return self._has(word, self._listed("optional"))

    def may_lose(self, start: int, end: int) -> bool:
        """Whether the words from start to end may be left out; none may always."""
        if start == end:
            return True
        if "(" in self.gaps[start] and ")" in self.gaps[end]:
            return self._known is None or not self._holds_back(start, end)
        if self._known is None:
            return False
        if all(map(self.is_optional, self.words[start:end])) or self._is_title(start, end):
            return True
        if self._holds_back(start, end) or all(
            self._opens(index) or self.is_optional(self.words[index]) for index in range(start, end)
        ):
            return False
        if self._is_aside(start, end):
            return True
        return not self._is_bounded(start, end) and self._is_phrase(start, end)

    def _is_aside(self, start: int, end: int) -> bool:
        """Whether the words are an aside: between commas, or behind a comma or an "and" at the end."""
        if not start:
            return False
        if end == len(self.words):
            return self.pauses[start] or self._coordinates(start)
        between = self.pauses[start] and self.pauses[end]
        return between and (self._opens_clause(start) or not self._has_pause(start, end))

    def _is_phrase(self, start: int, end: int) -> bool:
        """Whether a clause can do without the words: a phrase at its beginning or end, a time or a place."""
        pauses = self.pauses[end]
        if start == 0:
            factive = self.words[end - 1] in self._listed("factive")
            return factive or (pauses and self._opens(0) and not self._has_pause(start, end))
        if end == len(self.words):
            return self._opens(start)
        if self._is_time(start, end):
            return self._begins_anew(end) or not self._is_preposition(end - 1)
        if self._opens_clause(start):
            return pauses
        chained = any(self._coordinates(index) or self._opens_clause(index) for index in range(start, end))
        return self._is_preposition(start) and not chained and (self._begins_anew(end) or self._is_named(start, end))

    def _begins_anew(self, index: int) -> bool:
        """Whether no phrase before this word continues in it."""
        word = self.words[index]
        return (
            self.pauses[index]
            or self._opens(index)
            or word in self._listed("saying")
            or word in self._listed("conditions")
        )

    def _is_named(self, start: int, end: int) -> bool:
        """Whether the words are a preposition and a whole name: "in South Sudan"."""
        possessive = tuple(self._listed("possessive"))
        named = all(self.capitals[start + 1 : end]) and end > start + 1 and not self.words[end - 1].endswith(possessive)
        return named and not self.capitals[end] and not self._coordinates(end)

    def _is_bounded(self, start: int, end: int) -> bool:
        """Whether a word like "all" or "no" stands before the words, or behind them in their clause."""
        if any(map(self._bounds, range(start))):
            return True
        for index in range(end, len(self.words)):
            if self.pauses[index] or self._opens_clause(index) or self._coordinates(index):
                return False
            if self._bounds(index):
                return True
        return False

    def _holds_back(self, start: int, end: int) -> bool:
        """Whether the rest depends on one of the words; in a clause of its own a word concerns that clause alone."""
        inner = self._listed("negations") | self._listed("hedges") | self._listed("limits") | self._listed("saying")
        outer = self._listed("conditions")
        paused = own = False
        for index in range(start, end):
            if index == start or self.pauses[index]:
                paused = self.pauses[index]
                clause = self._opens_clause(index) or self._coordinates(index)
                own = index > 0 and (clause or (paused and self._opens(index)))
            word = self.words[index]
            if self._has(word, self._listed("attributions")) or (not own and self._has(word, inner)):
                return True
            if self._has(word, outer) and not (own and paused and clause):
                return True
        return False

    def _is_speech(self, text: str) -> bool:
        """Whether the folded sentence is somebody's own words, and who says them stands elsewhere."""
        if text.count('"') % 2:
            return True
        known = self._known
        if known is None:
            return '"' in text
        if any(known.has(word, known.voices) for word in self.words):
            return True
        spoken = any(len(piece.split()) > _SPOKEN for piece in _SPEECH.findall(text))
        return spoken and not any(known.has(word, known.saying) for word in _word().findall(_SPEECH.sub(" ", text)))

    def _bounds(self, index: int) -> bool:
        return self._has(self.words[index], self._listed("bounds") | self._listed("negations"))

    def _has_pause(self, start: int, end: int) -> bool:
        return any(self.pauses[start + 1 : end])

    def _opens(self, index: int) -> bool:
        return self._is_preposition(index) or self._opens_clause(index) or self._coordinates(index)

    def _is_preposition(self, index: int) -> bool:
        return self.words[index] in self._listed("prepositions")

    def _opens_clause(self, index: int) -> bool:
        return self.words[index] in self._listed("clauses")

    def _coordinates(self, index: int) -> bool:
        """Whether a word is "and", or is written in one with it: before an article, or behind a comma."""
        word = self.words[index]
        if word in self._listed("coordinators"):
            return True
        rest = self._attached.without_conjunction(word)
        is_attached = rest != word and len(word) > 3
        return is_attached and (rest.startswith(tuple(self._attached.article)) or self.pauses[index])

    def _is_title(self, start: int, end: int) -> bool:
        """Whether the words are a title before a name: "Mayor | Edda Korvin"."""
        titles = self._listed("titles")
        named = end < len(self.words) and self.capitals[end] and self.words[end] not in titles
        return named and all(word in titles for word in self.words[start:end])

    def _is_time(self, start: int, end: int) -> bool:
        times = self._listed("times") | self._listed("optional")
        return all(
            self._has(word, times) or word[0].isdigit() or self._is_preposition(index)
            for index, word in enumerate(self.words[start:end], start)
        )

    def _listed(self, name: str) -> frozenset[str]:
        return frozenset() if self._known is None else getattr(self._known, name)

    def _has(self, word: str, words: frozenset[str]) -> bool:
        return self._known is not None and self._known.has(word, words)
