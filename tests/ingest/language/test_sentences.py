"""Where sentences end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.language import sentences

ANYTHING = st.text(st.characters(exclude_categories=[]))
PIECES = [
    "قال",
    "Mr.",
    "U.S.",
    "3.5",
    "د.",
    "...",
    "..",
    "؟",
    "!",
    "\n",
    "\n\n",
    " ",
    "«",
    "»",
    '"',
    "The",
    "word",
    ".",
    "I.",
]
PROSE = st.lists(st.sampled_from(PIECES)).map(" ".join)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@given(ANYTHING | PROSE)
def test_sentences_hold_everything_that_is_not_space_once_and_in_order(text: str) -> None:
    spans = sentences(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    edges = [0, *(offset for span in spans for offset in span), len(text)]
    assert not "".join(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)).strip()


@pytest.mark.parametrize(
    "parts",
    [
        ["هل يبدأ العمل غدًا؟", "قال المدير: «نعم، غدًا».", "وأضاف أن كل شيء جاهز."],
        ["وصل د. سامر إلى عمّان أمس.", "والتقى م. ليلى هناك."],
        ["بلغ النمو 3.5 في المئة.", "وبلغ ٢٫٥ في المئة قبل عام."],
        ["تأسست الجمعية عام 1975 م.", "وتوسعت لاحقًا."],
        ['"سنعود قريبًا!" قال اللاعب.', "ثم غادر."],
        ["المباراة انتهت بالتعادل..."],
        ["عاجل| حريق في المرفأ.. والإطفاء يتدخل"],
        ["اجتمع مجلس البلدية صباح اليوم وناقش موازنة العام المقبل بندًا بندًا..", "ثم رفع الجلسة إلى الغد."],
        ["کل چھٹی ہے۔", "شکریہ"],
    ],
)
def test_arabic(parts: list[str]) -> None:
    assert split(" ".join(parts)) == parts


@pytest.mark.parametrize(
    "parts",
    [
        ["Mr. Haddad met Dr. Lane at 5 p.m. on Monday.", "He left early."],
        ["The U.S. President spoke.", "Nobody in the U.K. listened."],
        ["It was built in the U.S.", "The price fell 3.5% to $1.20."],
        ["She works for Palm Inc.", "The firm is small."],
        ["J. K. Moore wrote it.", "So did I.", "We agreed."],
        ["See No. 5 for more.", "They said no.", "Then they left."],
        ['"Why now?" asked the mayor.', 'She said, "We wait."', "He nodded."],
        ["Yahoo! said it would buy it.", "Really?!", "Yes..."],
        ["1. Bread is cheap.", "2. Oil is not."],
        ["On Jan. 5, 1990, it rained.", "The version is 2.0.1 now."],
    ],
)
def test_english(parts: list[str]) -> None:
    assert split(" ".join(parts)) == parts


def test_sentences_glued_by_a_careless_desk_come_apart() -> None:
    assert split("انتهت الجلسة.وغادر الأعضاء القاعة") == ["انتهت الجلسة.", "وغادر الأعضاء القاعة"]
    assert split("It ended.The crowd left www.example.com behind.") == [
        "It ended.",
        "The crowd left www.example.com behind.",
    ]


def test_mixed_text() -> None:
    assert split("قالت شركة Palm Inc. إنها توسعت. The end.") == ["قالت شركة Palm Inc. إنها توسعت.", "The end."]


def test_a_paragraph_ends_a_sentence_and_a_wrapped_line_does_not() -> None:
    assert split("A headline\n\nThe text goes\non here") == ["A headline", "The text goes\non here"]


def test_a_closing_guillemet_may_stand_behind_a_space() -> None:
    assert split("« Jamais ! » répond-il. Puis « Bien. » Et rien.") == [
        "« Jamais ! » répond-il.",
        "Puis « Bien. »",
        "Et rien.",
    ]


def test_chinese_needs_no_space() -> None:
    assert split("他走了！好吗？是的。") == ["他走了！", "好吗？", "是的。"]


def test_a_word_that_ends_in_tanween_ends_a_sentence() -> None:
    text = "تنتج المحطة ألفي متر يوميًا. وقالت المهندسة إنها كافية."
    assert [text[start:end] for start, end in sentences(text)] == [
        "تنتج المحطة ألفي متر يوميًا.",
        "وقالت المهندسة إنها كافية.",
    ]
