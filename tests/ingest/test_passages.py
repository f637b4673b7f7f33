import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.article import Article
from ingest.language import clean
from ingest.passages import LONGEST, SHORT, embedded_text, passages, surroundings

# Pieces of news: Arabic and English words, punctuation, numbers, line ends, spaces; and any other text.
PIECES = st.sampled_from(["وقال الوزير", "الاجتماع", "The minister said", "U.S.", "3.5", "2,000", "؟", "؛", ".", "!",
                          "،", ", ", "\n", "\n\n", " ", "«", "»", '"', "…", "د.", "كلمة"])  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=12), max_size=60).map(lambda pieces: clean(" ".join(pieces)))


def article(text: str, title: str = "") -> Article:
    return Article("0" * 16, title, text)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_passages_cover_every_character_of_the_article_once_and_in_order(text: str) -> None:
    end = 0
    for number, passage in enumerate(passages(article(text))):
        assert passage.ordinal == number
        assert end <= passage.start < passage.end <= len(text)
        assert not text[end : passage.start].strip()
        end = passage.end
    assert not text[end:].strip()


@given(TEXTS, st.integers(1, 60), st.integers(60, 200))
@settings(max_examples=200, deadline=None)
def test_passages_are_bounded_and_neither_begin_nor_end_with_space(text: str, short: int, longest: int) -> None:
    for passage in passages(article(text), short, longest):
        words = text[passage.start : passage.end]
        assert 0 < len(words) <= longest
        assert words == words.strip()


def test_a_sentence_is_a_passage() -> None:
    first = (
        "The council of Port Oskara met on Monday to discuss the repair of the old northern pier of the Lorran bridge."
    )
    second = "قررت الوزارة إعادة فتح الميناء أمام السفن بعد انتهاء العاصفة التي ضربت المدينة الساحلية ليلة أمس بأكملها."
    text = f"{first} {second}"
    assert [text[passage.start : passage.end] for passage in passages(article(text))] == [first, second]


def test_short_sentences_are_gathered_within_their_paragraph() -> None:
    text = "It rained. Roads were closed. Nobody was hurt.\nSchools stay open."
    texts = [text[passage.start : passage.end] for passage in passages(article(text))]
    assert texts == ["It rained. Roads were closed. Nobody was hurt.", "Schools stay open."]
    assert max(map(len, texts)) <= SHORT


@pytest.mark.parametrize(("word", "comma"), [("كلمات", "،"), ("words", ",")])
def test_a_sentence_that_is_too_long_is_cut_at_a_pause(word: str, comma: str) -> None:
    text = " ".join([word] * 110) + f"{comma} " + " ".join([word] * 110) + "."
    texts = [text[passage.start : passage.end] for passage in passages(article(text))]
    assert len(texts) >= 2
    assert texts[0].endswith(comma)
    assert max(map(len, texts)) <= LONGEST


def test_a_sentence_without_any_pause_is_cut_all_the_same() -> None:
    text = "ا" * (2 * LONGEST + 5)
    assert [passage.end - passage.start for passage in passages(article(text))] == [LONGEST, LONGEST, 5]


def test_an_article_without_text_has_no_passages() -> None:
    assert passages(article("")) == []


def test_the_title_is_embedded_in_front_and_is_no_part_of_the_passage() -> None:
    library = article("رممت المكتبة المخطوطات.", "مكتبة تل حروان")
    (passage,) = passages(library)
    assert embedded_text(library, passage) == "مكتبة تل حروان\nرممت المكتبة المخطوطات."
    assert library.text[passage.start : passage.end] == "رممت المكتبة المخطوطات."
    assert embedded_text(article("No title here."), passages(article("No title here."))[0]) == "No title here."


def test_the_surroundings_of_a_passage_are_its_neighbours() -> None:
    text = "First line.\nSecond line.\nThird line.\nFourth line."
    four_lines = article(text)
    cut = passages(four_lines)
    assert surroundings(four_lines, cut, 0) == "First line.\nSecond line."
    assert surroundings(four_lines, cut, 2) == "Second line.\nThird line.\nFourth line."
