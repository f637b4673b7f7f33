"""Quotations under noise: whatever a model's spelling adds that readers do not hear, and what it may not add."""

import re

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from assistant.answer import Quote
from assistant.verification import locate
from ingest.article import Article

TEXTS = {
    "en": "The harbour of Port Oskara did not reopen on Monday, its master said. Nineteen ships wait outside, 640,000 "
    "crates among them, and 37 of these hold fruit. “Nobody can say when we sail,” a captain told reporters. The port "
    "lost 2.5 million lume in four days, more than in the whole of 2023. Fishermen mended nets by the quay; their "
    "boats never leave before dawn, and prices in the market rose by 12 percent.",
    "ar": "لم يُفتح ميناء أوسكارا يوم الاثنين كما قال مديره. وتنتظر تسع عشرة سفينة خارجه، وعلى متنها 640,000 "
    "صندوق، وفي 37 "
    "منها فاكهة. وقال قبطان للصحفيين «لا أحد يعرف متى نبحر». وخسر الميناء ٢٫٥ مليون لوم في أربعة أيام، أكثر مما "
    "خسره في عام "
    "٢٠٢٣ كله. وأصلح الصيادون شباكهم قرب الرصيف؛ فقواربهم لا تغادر قبل الفجر، وارتفعت الأسعار في السوق بنسبة ١٢٪.",
}
ARTICLES = {code: Article(code, "", text) for code, text in TEXTS.items()}
NEGATIONS = {"en": ("not ", "Nobody ", "never "), "ar": ("لم ", "لا ")}
ARABIC = re.compile("[\u0621-\u064a]")
TASHKEEL = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"
UNHEARD = "\u200e\u200f\u200b\u200d\u2066\u2069\u202b\u202c"
DIGITS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９")
MARKS = ("«»", "“”", "„“", '""', "‘’", "‹›", "''")
VARIANTS = {"أ": "ا", "إ": "ا", "ة": "ه", "ى": "ي", "“": '"', "”": '"', "،": ",", "٫": "."}


def _words(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"[\w\u064b-\u0652]+(?:[.,٫]\d+)*", text)]


@st.composite
def spans(draw: st.DrawFn, code: str) -> Quote:
    """Whole words of one text, long enough to be a quotation, that nothing in front of them denies."""
    text = TEXTS[code]
    words = _words(text)
    first = draw(st.integers(0, len(words) - 5))
    last = draw(st.integers(first + 3, min(len(words) - 1, first + 14)))
    # What is denied, or a part of a number, has tests of its own.
    while first and re.search(r"(?:not|Nobody|can|never|لم|لا|أحد|تسع|\d) *$", text[: words[first][0]]):
        first -= 1
    while re.match(r" ?(?:million|percent|مليون|عشرة)", text[words[last][1] :]):
        last += 1
    end = words[last][1] + text.startswith("٪", words[last][1])
    return Quote(ARTICLES[code], words[first][0], end)


@st.composite
def noisy(draw: st.DrawFn, words: str) -> str:
    """The same words as another keyboard, another editor or a model would write them."""
    pieces = []
    digits = draw(st.sampled_from((*DIGITS, "0123456789")))
    noise = st.integers(0, 7)
    for character in words:
        if character.isdecimal():
            character = digits[int(character)]
        elif draw(noise) == 0:
            character = VARIANTS.get(character, character)
        elif character == " " and draw(noise) == 0:
            character = draw(st.sampled_from(["  ", "\u00a0", "\n", "\u2009"]))
        pieces.append(character)
        if draw(noise) == 0:
            pieces.append(draw(st.sampled_from(UNHEARD)))
        if ARABIC.match(character) and draw(noise) < 2:
            pieces.append(draw(st.sampled_from(TASHKEEL)) if draw(st.booleans()) else "ـ")
    opening, closing = draw(st.sampled_from(MARKS))
    return f"{opening}{''.join(pieces)}{closing}" if draw(st.booleans()) else "".join(pieces)


@pytest.mark.parametrize("code", ["en", "ar"])
@settings(deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # shrinking these takes minutes
@given(data=st.data())
def test_a_span_is_found_exactly_however_it_is_spelled(code: str, data: st.DataObject) -> None:
    quote = data.draw(spans(code))
    assert locate(data.draw(noisy(quote.text)), ARTICLES[code]) == quote


@pytest.mark.parametrize("code", ["en", "ar"])
@settings(deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # shrinking these takes minutes
@given(data=st.data())
def test_a_span_with_another_word_is_found_nowhere(code: str, data: st.DataObject) -> None:
    text = data.draw(spans(code)).text
    start, end = data.draw(st.sampled_from(_words(text)))
    other = data.draw(st.sampled_from(["harvest", "seldom", "بستان", "قلما"]))
    assert locate(data.draw(noisy(text[:start] + other + text[end:])), ARTICLES[code]) is None


@pytest.mark.parametrize("code", ["en", "ar"])
@settings(deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # shrinking these takes minutes
@given(data=st.data())
def test_a_span_with_another_figure_is_found_nowhere(code: str, data: st.DataObject) -> None:
    quote = data.draw(spans(code).filter(lambda quote: any(map(str.isdecimal, quote.text))))
    place = data.draw(st.sampled_from([place for place, letter in enumerate(quote.text) if letter.isdecimal()]))
    other = str((int(quote.text[place]) + data.draw(st.integers(1, 9))) % 10)
    words = quote.text[:place] + other + quote.text[place + 1 :]
    assert locate(data.draw(noisy(words)), ARTICLES[code]) is None


@pytest.mark.parametrize("code", ["en", "ar"])
@settings(deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # shrinking these takes minutes
@given(data=st.data())
def test_a_span_without_its_negation_is_found_nowhere(code: str, data: st.DataObject) -> None:
    text = TEXTS[code]
    negation = data.draw(st.sampled_from(NEGATIONS[code]))
    place = data.draw(st.sampled_from([match.start() for match in re.finditer(rf"\b{negation}", text)]))
    words = _words(text)
    here = next(number for number, (start, _) in enumerate(words) if start == place)
    first = data.draw(st.integers(max(0, here - 6), here))
    last = data.draw(st.integers(min(here + 3, len(words) - 1), min(here + 9, len(words) - 1)))
    said = text[words[first][0] : place] + text[place + len(negation) : words[last][1]]
    assert locate(data.draw(noisy(said)), ARTICLES[code]) is None
