"""Whether a statement is a shortening of a sentence: its own words, in their order, and nothing lost that they need.

Statement and sentence are aligned word by word. Nothing may be added but words that carry no meaning. What is left out
must stand by its form beside the rest (between commas or brackets, at the end, a time), and must not hold a word that
the rest depends on: a negation, a hedge, a condition, who says it. The words for that are the language's own (see
`words/en.toml`); in a language without them only what stands in brackets may be left out.
"""

import re

from assistant.verification.lexicon import lexicon
from ingest.language import NumberWords, fold, folded
from ingest.language.data import merged

LONGEST = 250
"""Words of a sentence or of a statement; what is longer is no shortening."""

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|%|per cent\b|\w+(?:'\w+)*")
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
    said = _said(statement, source)
    if not said or len(said) > LONGEST or len(source.words) > LONGEST or source.is_question or source.is_speech:
        return False
    ends = {-1}  # where in the sentence the words so far may end
    for word, comma in said:
        ends = {
            place
            for place in source.places.get(_key(word), ())
            for end in ends
            if end < place and (source.may_lose(end + 1, place) if end + 1 < place else source.commas[place] == comma)
        }
    return any(source.may_lose(end + 1, len(source.words)) for end in ends)


def _said(statement: str, source: "_Sentence") -> list[tuple[str, bool]]:
    """The words of a statement that carry a meaning, each with whether a comma stands before it."""
    said: list[tuple[str, bool]] = []
    flat, behind, comma = folded(statement), 0, False
    for match in _WORD.finditer(flat):
        comma = comma or _COMMA.search(flat[behind : match.start()]) is not None
        behind = match.end()
        if not source.is_optional(match.group()):
            said.append((match.group(), comma))
            comma = False
    return said


def repeats(statement: str, sentence: str) -> bool:
    """Whether a statement is the whole sentence, word for word."""
    return _WORD.findall(folded(statement)) == _WORD.findall(folded(sentence))


def _key(word: str) -> str:
    """What a word shares with other spellings of it: "3" and "three", "%" and "percent", «والوزير» and «الوزير»."""
    if word in ("%", "per cent"):
        return "percent"
    if word[0].isdigit():
        return word.replace(",", "") if _THOUSANDS.fullmatch(word) else word
    word = word[1:] if len(word) > 2 and word[0] in "وف" else word
    number = merged(NumberWords).small.get(word)
    return word if number is None else str(number)


class _Sentence:
    """A sentence as words and what stands between them: `gaps[n]` is before word n, the last one behind all.

    `commas` and `pauses` say of each gap whether there is one in it.

    Args:
        text: as it stands in the article.
        language: ISO 639-1.
    """

    def __init__(self, text: str, language: str) -> None:
        whole = fold(text)
        flat = whole.text
        found = list(_WORD.finditer(flat))
        self.capitals = [text[whole.origins[match.start()]].isupper() for match in found]
        edges = [0, *(edge for match in found for edge in match.span()), len(flat)]
        self.words = [match.group() for match in found]
        self.gaps = [flat[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
        self.commas = [_COMMA.search(gap) is not None for gap in self.gaps]
        self.pauses = [_PAUSE.search(gap) is not None for gap in self.gaps]
        self._known = lexicon(language)
        self.places: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            self.places.setdefault(_key(word), []).append(place)
        self.is_question = self.gaps[-1].rstrip("\"' )").endswith("?")
        self.is_speech = self._is_speech(flat)

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
        if self._holds_back(start, end) or not any(self._is_content(place) for place in range(start, end)):
            return False
        if self._is_aside(start, end):
            return True
        return not self._is_bounded(start, end) and self._is_phrase(start, end)

    def _is_aside(self, start: int, end: int) -> bool:
        """Whether they stand between commas, or behind one or an "and" at the end: beside the rest, not within it."""
        if not start:
            return False
        if end == len(self.words):
            return self.pauses[start] or self._coordinates(start)
        between = self.pauses[start] and self.pauses[end]
        return between and (self._opens_clause(start) or not self._has_pause(start, end))

    def _is_phrase(self, start: int, end: int) -> bool:
        """Whether they are a phrase that a clause can do without: at its beginning or its end, or a time or a place."""
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
        chained = any(self._coordinates(place) or self._opens_clause(place) for place in range(start, end))
        return self._is_preposition(start) and not chained and (self._begins_anew(end) or self._is_named(start, end))

    def _begins_anew(self, place: int) -> bool:
        """Whether no phrase before this word goes on in it."""
        word = self.words[place]
        return (
            self.pauses[place]
            or self._opens(place)
            or word in self._listed("saying")
            or word in self._listed("conditions")
        )

    def _is_named(self, start: int, end: int) -> bool:
        """Whether a preposition and a name, all of it: "in South Sudan"."""
        named = all(self.capitals[start + 1 : end]) and end > start + 1 and not self.words[end - 1].endswith("'s")
        return named and not self.capitals[end] and not self._coordinates(end)

    def _is_bounded(self, start: int, end: int) -> bool:
        """Whether one of all, or none of some, is spoken of: before these words, or behind them in their clause."""
        if any(map(self._bounds, range(start))):
            return True
        for place in range(end, len(self.words)):
            if self.pauses[place] or self._opens_clause(place) or self._coordinates(place):
                return False
            if self._bounds(place):
                return True
        return False

    def _holds_back(self, start: int, end: int) -> bool:
        """Whether a word that the rest depends on is among them; what is in a clause of its own is so there alone."""
        inner = self._listed("negations") | self._listed("hedges") | self._listed("limits") | self._listed("saying")
        outer = self._listed("conditions")
        paused = own = False
        for place in range(start, end):
            if place == start or self.pauses[place]:
                paused = self.pauses[place]
                clause = self._opens_clause(place) or self._coordinates(place)
                own = place > 0 and (clause or (paused and self._opens(place)))
            word = self.words[place]
            if self._has(word, self._listed("attributions")) or (not own and self._has(word, inner)):
                return True
            if self._has(word, outer) and not (own and paused and clause):
                return True
        return False

    def _is_speech(self, flat: str) -> bool:
        """Whether it is somebody's own words, and who says them stands elsewhere."""
        if flat.count('"') % 2:
            return True
        known = self._known
        if known is None:
            return '"' in flat
        if any(known.has(word, known.voices) for word in self.words):
            return True
        spoken = any(len(piece.split()) > _SPOKEN for piece in _SPEECH.findall(flat))
        return spoken and not any(known.has(word, known.saying) for word in _WORD.findall(_SPEECH.sub(" ", flat)))

    def _bounds(self, place: int) -> bool:
        return self._has(self.words[place], self._listed("bounds") | self._listed("negations"))

    def _has_pause(self, start: int, end: int) -> bool:
        return any(self.pauses[start + 1 : end])

    def _is_content(self, place: int) -> bool:
        return not (self._opens(place) or self.is_optional(self.words[place]))

    def _opens(self, place: int) -> bool:
        return self._is_preposition(place) or self._opens_clause(place) or self._coordinates(place)

    def _is_preposition(self, place: int) -> bool:
        return self.words[place] in self._listed("prepositions")

    def _opens_clause(self, place: int) -> bool:
        return self.words[place] in self._listed("clauses")

    def _coordinates(self, place: int) -> bool:
        """Whether a word is "and", or has it in one with it: in Arabic before an article, or behind a comma."""
        word = self.words[place]
        bound = word[0] in "وف" and len(word) > 3
        return word in self._listed("coordinators") or (bound and (word[1:3] == "ال" or self.pauses[place]))

    def _is_title(self, start: int, end: int) -> bool:
        """Whether they are somebody's title before the name: "Mayor | Edda Korvin"."""
        titles = self._listed("titles")
        named = end < len(self.words) and self.capitals[end] and self.words[end] not in titles
        return named and all(word in titles for word in self.words[start:end])

    def _is_time(self, start: int, end: int) -> bool:
        times = self._listed("times") | self._listed("optional")
        return all(
            self._has(word, times) or word[0].isdigit() or self._is_preposition(place)
            for place, word in enumerate(self.words[start:end], start)
        )

    def _listed(self, name: str) -> frozenset[str]:
        return frozenset() if self._known is None else getattr(self._known, name)

    def _has(self, word: str, words: frozenset[str]) -> bool:
        return self._known is not None and self._known.has(word, words)
