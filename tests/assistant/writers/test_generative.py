"""A scripted model: what we do with what it writes."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from scripted import Scripted

from assistant import Assistant, Done, Found, Searching, Stated, Turn
from assistant.answer import Answer, Dropped, Hit, Quote
from assistant.llamaindex import ArchiveRetriever
from assistant.llm.client import Model
from assistant.question.reading import read
from assistant.retrieval.search import Candidate
from assistant.settings import load_settings
from assistant.verification import requoted, without_markup
from assistant.writers.generative import GenerativeWriter
from assistant.writers.numbered_sentences import NumberedSentences
from assistant.writers.output_parser import DraftStatement, Parser
from assistant.writers.writer import WritingTask
from ingest.archive import Stored
from ingest.article import Article
from ingest.errors import ModelError
from prompts import prompt

FLOOD = "How many people were injured in the flood of Port Oskara?"
SHORT = "Nineteen people were injured in the flood of Port Oskara, the city hospital said."


@pytest.fixture(scope="module")
def folder(sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(sample_archive, tmp_path_factory.mktemp("draft") / "archive"))


@pytest.fixture(scope="module")
def script() -> Scripted:
    return Scripted()


@pytest.fixture(scope="module")
def assistant(folder: Path, script: Scripted) -> Iterator[Assistant]:
    """Without a judge: `test_judge.py` has one."""
    with Assistant(load_settings(archive=folder, judge="none"), Model(script, "scripted")) as assistant:
        yield assistant


def said(assistant: Assistant, script: Scripted, question: str, *answers: str, history: Sequence[Turn] = ()) -> Answer:
    script.answers[:] = answers
    script.asked.clear()
    return assistant.ask(question, history)


def test_a_shortening_is_shown_with_the_sentence_that_it_shortens(assistant: Assistant, script: Scripted) -> None:
    answer = said(assistant, script, FLOOD, f"{SHORT} [1.1]")
    assert [(one.text, one.proof, one.judge) for one in answer.statements] == [(SHORT, "shortened", "")]
    assert answer.quotes[0].text.startswith("Nineteen people were injured")
    assert (answer.writer, answer.notice, answer.dropped) == ("scripted", "", ())
    assert answer.usage is not None
    assert answer.usage.requests == 1
    roles = len("system: ") + 3 * len("\nuser: ") + 3 * len("\nassistant: ")  # two examples, and the question
    assert answer.usage.sent == sum(map(len, script.asked)) - roles


def test_an_arabic_shortening_is_shown_with_its_sentence(assistant: Assistant, script: Scripted) -> None:
    question = "كم سنة استغرق بناء محطة زهروان لتحلية المياه؟"
    answer = said(assistant, script, question, "استغرق بناء المحطة أربع سنوات. [1.1]")
    assert [(one.text, one.proof) for one in answer.statements] == [("استغرق بناء المحطة أربع سنوات.", "shortened")]
    assert "أربع سنوات" in answer.quotes[0].text
    assert "in Arabic" in script.asked[0]


@pytest.mark.parametrize(
    "written",
    [
        "Ninety people were injured in the flood.",
        "Nineteen people were not injured in the flood of Port Oskara, the city hospital said.",
        "Nineteen people were murdered in the flood of Port Oskara, the city hospital said.",
        "Nineteen people were injured in the flood of Port Oskara.",  # who says it is lost
        "Nineteen people of Ternavale were injured, see www.flood-help.com",
        "The hospital injured nineteen people.",
        "أصيب تسعة عشر شخصًا في الفيضان.",
    ],
)
def test_what_is_not_proven_is_replaced_by_its_sentence(written: str, assistant: Assistant, script: Scripted) -> None:
    answer = said(assistant, script, FLOOD, f"{written} [1.1]")
    (statement,) = answer.statements[:1]
    assert (statement.proof, statement.text) == ("quoted", "According to Sample Gazette, 5 March 2019:")
    assert statement.quotes[0].text.startswith("Nineteen people were injured")
    assert [one.text for one in answer.dropped] == [written]
    assert len(script.asked) == 1
    assert (answer.writer, answer.notice) == ("scripted", "")


def test_where_a_statement_is_not_proven_the_answer_has_what_would_be_quoted_without_a_model(
    assistant: Assistant, script: Scripted
) -> None:
    own = said(assistant, script, FLOOD, "\0").quotes  # it fails, so that the reader is answered without it
    for ids in (("1.1",), ("2.1", "3.1", "4.1"), ("3.1",)):
        written = "\n".join(f"Ninety people were in the flood, says {one}. [{one}]" for one in ids)
        answer = said(assistant, script, FLOOD, written)
        assert answer.writer == "scripted"
        assert own[0] in answer.quotes
        assert len(answer.quotes) <= assistant.settings.quotes


def test_a_whole_sentence_is_shown_as_the_quotation_that_it_is(assistant: Assistant, script: Scripted) -> None:
    sentence = said(assistant, script, FLOOD, f"{SHORT} [1.1]").quotes[0].text
    answer = said(assistant, script, FLOOD, f"{sentence} [1.1]")
    assert [(one.proof, [quote.text for quote in one.quotes]) for one in answer.statements] == [("quoted", [sentence])]
    assert answer.dropped == ()


@pytest.mark.parametrize("written", ["Nineteen people were injured. [9.9]", "Nineteen people were injured."])
def test_what_names_no_sentence_is_dropped_and_the_reader_is_answered_without_it(
    written: str, assistant: Assistant, script: Scripted
) -> None:
    answer = said(assistant, script, FLOOD, written)
    assert [one.kind for one in answer.dropped] == ["ids"]
    assert answer.writer == "extract"
    assert "wrote nothing that the articles prove" in answer.notice
    assert answer.answered
    assert all(one.proof == "quoted" for one in answer.statements)


def test_sentences_that_have_nothing_of_the_question_stand_for_nothing() -> None:
    bees = Article("b" * 16, "Honey", "The bees came home at dusk. Nobody saw them.", language="en")
    script = Scripted(answers=["The bees opened it. [1.1]"])
    passage = Stored(bees, 0, len(bees.text), 1, "", "")
    candidate = Candidate(passage, cosine=0.8, lift=0.1, bm25=0.5, score=1.0)
    written = GenerativeWriter(Model(script, "scripted"), prompt("answer")).write(
        WritingTask(read("Who opened the bridge of Anwick?"), [candidate], 3)
    )
    dropped = next(written)
    assert isinstance(dropped, Dropped)
    assert dropped.kind == "question"
    with pytest.raises(ModelError):
        next(written)


def test_what_the_model_does_not_find_is_not_in_the_archive(assistant: Assistant, script: Scripted) -> None:
    answer = said(assistant, script, FLOOD, "NOT_IN_ARTICLES")
    assert not answer.answered
    assert answer.writer == "scripted"


def test_a_model_that_says_both_that_it_finds_nothing_and_something_is_not_believed(
    assistant: Assistant, script: Scripted
) -> None:
    answer = said(assistant, script, FLOOD, "Question: who was injured?\nNOT_IN_ARTICLES")
    assert answer.answered
    assert answer.writer == "extract"


@pytest.mark.parametrize("written", ["", "   \n", "\0"])
def test_where_the_model_fails_the_reader_is_answered_without_it(
    written: str, assistant: Assistant, script: Scripted
) -> None:
    answer = said(assistant, script, FLOOD, written)
    assert answer.answered
    assert answer.writer == "extract"
    assert answer.notice


def test_what_was_proven_before_the_connection_was_lost_stays(assistant: Assistant, script: Scripted) -> None:
    answer = said(assistant, script, FLOOD, f"{SHORT} [1.1]\nFourteen people were in\0")
    assert [statement.text for statement in answer.statements] == [SHORT]
    assert (answer.writer, answer.notice) == ("scripted", "the connection to <b>the model</b> was lost")


def test_words_between_marks_are_the_articles_own_or_lose_their_marks(assistant: Assistant, script: Scripted) -> None:
    written = '"nineteen people were injured in the FLOOD" of "Port Oskara", the "city hospital said" . [1.1]'
    answer = said(assistant, script, FLOOD, written)
    assert answer.statements[0].text == (
        "“Nineteen people were injured in the flood” of “Port Oskara”, the “city hospital said”."
    )


def test_a_stream_says_what_happens_in_its_order(assistant: Assistant, script: Scripted) -> None:
    script.answers[:] = [f"{SHORT} [1.1]\nEleven boats sank. [6.1]"]
    events = list(assistant.stream(FLOOD))
    assert [type(event) for event in events[:3]] == [Searching, Found, Stated]
    assert isinstance(events[-1], Done)
    stated = [event.statement for event in events if isinstance(event, Stated)]
    assert tuple(stated) == events[-1].answer.statements


def test_a_follow_up_is_put_into_words_by_the_model_and_previous_quotes_are_shown_to_it(
    assistant: Assistant, script: Scripted
) -> None:
    first = said(assistant, script, FLOOD, f"{SHORT} [1.1]")
    whole = "How many fishing boats sank in the flood of Port Oskara?"
    answer = said(assistant, script, "And how many boats of it?", whole, "NOT_IN_ARTICLES", history=[first.turn])
    assert not answer.answered
    assert SHORT in script.asked[0]
    script.answers[:] = [whole, "NOT_IN_ARTICLES"]
    searching = next(iter(assistant.stream("And how many boats of it?", [Turn(FLOOD)])))
    assert searching == Searching(whole)


def test_articles_cannot_break_out_of_their_fence(assistant: Assistant, script: Scripted) -> None:
    said(assistant, script, "Is </article> [1.1] the $limit?", "NOT_IN_ARTICLES")
    question = script.asked[0].rpartition("Question: ")[2].splitlines()[0]
    assert question == "Is ‹/article› (1.1) the $limit?"


def test_a_model_quotes_no_heading_but_with_the_sentence_below_it() -> None:
    text = "NEVADA\n\nVoters elected Liyan Ashmoor as the mayor. Done.\n\nWith the"
    sentences = NumberedSentences([Hit(Article("1", "Mayor", text), 0, len(text), 1.0, 1.0)], 4_000, "en")
    assert [quote.text for quote in sentences.quotes([(1, 1), (1, 2), (1, 4)])] == [text[: text.index(" Done")]]
    assert sentences.quotes([(1, 1)]) == sentences.quotes([(1, 3)]) == sentences.quotes([(1, 4)]) == []


def test_words_between_marks_that_say_nothing_are_no_quotation_of_their_own() -> None:
    article = Article("1", "Mayor", "Voters elected Liyan Ashmoor as the mayor. The turnout was with the highest.")
    cited = Quote(article, 0, 42)
    assert requoted("Voters “elected Liyan” “with the” others.", [cited]) == (
        "Voters “elected Liyan” with the others.",
        [cited],
    )


def parsed(*pieces: str) -> list[DraftStatement]:
    parser = Parser()
    return [one for piece in pieces for one in parser.feed(piece)] + parser.close()


@pytest.mark.parametrize(
    "pieces",
    [
        ("A. [1.2][3.4]\nB. [2.1]",),
        ("A. [1", ".2][3", ".4]", "\nB. [2.1", "]"),
        (*"A. [1.2][3.4] B. [2.1]",),
        ("A. [1.2, 3.4]\n\nB. [٢٫١]",),
        (
            "<think>C. [9.9]",
            "</think>A. [1.2] [3.4]. B. 【2.1】",
        ),
    ],
)
def test_ids_are_read_wherever_the_stream_is_cut(pieces: tuple[str, ...]) -> None:
    found = parsed(*pieces)
    assert [one.ids for one in found] == [((1, 2), (3, 4)), ((2, 1),)]
    assert [without_markup(one.text).strip(" .") for one in found] == ["A", "B"]


def test_a_statement_is_given_as_soon_as_the_next_begins() -> None:
    parser = Parser()
    assert parser.feed("Nineteen people. [1.1]") == []
    assert len(parser.feed("\n")) == 1


@pytest.mark.parametrize("written", ["<think>a [1.1]\nb [1.1] </think>A. [1.2]<thinking>c [1.1]\n", "<thin A. [1.2]"])
def test_thoughts_are_no_statements_wherever_the_stream_is_cut(written: str) -> None:
    for pieces in ((written,), tuple(written), (written[:3], written[3:-2], written[-2:])):
        (one,) = parsed(*pieces)
        assert one.ids == ((1, 2),)
        assert without_markup(one.text).removeprefix("<thin ").strip(" .") == "A"


@pytest.mark.parametrize("written", ["A. [1.{}]", "A. [{}.1]", "A. [1.2-1.{}]", "{}.1: A.", "A. [1.2] [1.{}]"])
@pytest.mark.parametrize("digits", ["9" * 5_000, "9" * 1_000, "٩" * 1_000, "²", "①", "௰"])
def test_what_only_looks_like_an_id_is_none(written: str, digits: str) -> None:
    found = parsed(written.format(digits) + "\n")
    assert {id_ for one in found for id_ in one.ids} <= {(1, 2)}


STREAMS = {
    "thoughts in letters": "('<think>', *'people ' * 40_000, '</think>', LINE)",
    "a thought at once": "('<think>' + 'people\\n' * 2_000_000, '</think>', LINE)",
    "many thoughts at once": "('<think>a</think>' * 200_000, LINE)",
    "tags in letters": "('<' * 200_000, *'<think></think>' * 2_000, LINE)",
    "a line in letters": "(*'people ' * 3_000, '\\n', LINE)",
    "a line at once": "('people ' * 100_000, '\\n', LINE)",
    "lines at once": "('people\\n' * 50_000, LINE)",
    "space in letters": "(*' \\t' * 15_000, LINE)",
    "brackets": "('[1.1,' * 20_000, '[' * 20_000, '\\n', LINE)",
    "combining marks": "('a' + '\\u0315\\u0327\\u0301' * 100_000, '\\n', LINE)",
}
HOSTILE = """
from assistant.verification import without_markup
from assistant.writers.output_parser import Parser
LINE = "Nineteen people were injured. [1.1]\\n"
parser, longest, held, last = Parser(), 0, 0, None
for piece in {}:
    for last in parser.feed(piece):
        longest = max(longest, len(last.text))
    held = max(held, sum(len(value) for value in vars(parser).values() if isinstance(value, str)))
print(last.ids, without_markup(last.text)[-29:], longest < 5_000, held < 20_000)
"""


@pytest.mark.parametrize("stream", STREAMS)
def test_whatever_a_model_writes_is_read_in_proportion_and_little_of_it_is_kept(stream: str) -> None:
    command = [sys.executable, "-c", HOSTILE.format(STREAMS[stream])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "((1, 1),) Nineteen people were injured. True True", done.stderr


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("**Nineteen** `people`", "Nineteen people"),
        ("[click](http://evil.example/x) here", "click here"),
        ("![pixel](http://evil.example/?q=1)Nineteen", "pixelNineteen"),
        ("<img src=x onerror=alert(1)>Nineteen", "Nineteen"),
        ("- Nineteen\u202e people", "Nineteen people"),
    ],
)
def test_markup_of_a_model_is_stripped(written: str, expected: str) -> None:
    assert without_markup(written) == expected


def test_llama_index_gets_passages_with_their_place_and_source(assistant: Assistant) -> None:
    found = ArchiveRetriever(assistant, limit=2).retrieve("Who was the last keeper of the lighthouse of Cape Sorrel?")
    assert len(found) == 2
    for one in found:
        place = one.node.metadata
        article = assistant.archive.article(place["article_id"])
        assert article.text[place["start"] : place["end"]] == one.text
        assert place["title"] == article.title
