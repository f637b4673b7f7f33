"""Answers as Slack's blocks: within Slack's limits by construction, exact, readable from the right, without power."""

import json
import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bench import buttons, quoted, words
from slack_blocks import Invalid, blocks_are_valid, metadata_is_valid

from assistant.answer import Answer, Dates, Quote, Statement
from assistant.slack.alerts import fingerprint, new_statements
from assistant.slack.blocks import Page, date_notice, footer, line, metadata, paginate, refusal, statement_parts
from assistant.slack.brief import brief, group_stories
from assistant.slack.references import encode_quotes
from assistant.slack.rich_text import MARKS, text_elements
from ingest.article import Article
from ingest.language import clean, detect

DATA = Path(__file__).resolve().parents[1] / "data"
GOLDEN = DATA / "slack"
NOON = datetime(2019, 3, 3, 12, tzinfo=UTC)


def article(text: str, title: str = "Flood in Port Oskara", publisher: str = "Sample Wire", **more: object) -> Article:
    given = {"url": "https://wire.example/flood", "published": NOON, "language": "en", **more}
    return Article("a" * 16, title, text, publisher=publisher, **given)


def quote(text: str, **more: object) -> Quote:
    return Quote(article(text, **more), 0, len(text))


def answer(question: str, *statements: Statement, language: str = "en", **more: object) -> Answer:
    given = {"related": (), "writer": "extract", "as_of": NOON, **more}
    return Answer(question, language, statements, **given)


def messages(answer: Answer) -> list[dict]:
    """The messages of an answer, as a reply makes them."""
    said = [part for n, one in enumerate(answer.statements) for part in statement_parts(one, n, answer.language)]
    notices = [date_notice(answer.dates, answer.language)] if answer.dates else []
    pages = paginate([*notices, *(said or [refusal(answer)])])
    last = {"answer": answer, "question": answer.question}
    return [
        {
            "text": page.text,
            "blocks": page.blocks
            + footer(page, answer.language, page is pages[-1], **(last if page is pages[-1] else {})),
        }
        for page in pages
    ]


ENGLISH = answer(
    "How many people were injured in March 2019?",
    Statement("According to Sample Wire, 3 March 2019:", (quote("Fourteen people were injured in the flood."),)),
    dates=Dates("in March 2019", datetime(2019, 3, 1, tzinfo=UTC), datetime(2019, 4, 3, tzinfo=UTC)),
)
ARABIC = answer(
    "كم بلغت كلفة المحطة؟",
    Statement(
        "وفقًا لـوكالة العينة، 3 مارس 2019:",
        (
            quote(
                "وبلغت كلفتها 640 مليون لوم (نحو 12%).\nوتعمل بالطاقة الشمسية.",
                title="افتتاح محطة OpenAI",
                publisher="وكالة العينة",
            ),
            quote("The plant cost 640 million.", title="Plant opens"),
        ),
    ),
    language="ar",
)
NOT_THERE = answer("Who won?", related=(article("x y"), article("x y", title="فيضان", publisher="", published=None)))
LONG = answer(
    "What was said?",
    *(
        Statement(
            f"According to Sample Wire, part {n}:", (quote(f"{n}. " + "The harbour master said that it rose. " * 40),)
        )
        for n in range(9)
    ),
)
CORRECTED = answer(
    "What did it cost?",
    Statement(
        "According to Sample Wire, 3 March 2019:",
        (
            Quote(
                Article(
                    "c" * 16, "Costs", "It cost 4 million.", "https://wire.example/costs", "Sample Wire",
                    published=NOON, language="en", corrected=datetime(2019, 3, 5, 9, tzinfo=UTC),
                ),
                0, 18,
            ),
        ),
    ),
    notice="the model 'x' failed",
)  # fmt: skip
ALSO = answer(
    "What did it cost?",
    Statement(
        "According to Sample Wire, 3 March 2019:",
        (
            Quote(
                article("It cost 4 million."), 0, 18,
                tuple(article("x y", publisher=name) for name in ("Gazette", "صحيفة العينة", "")),
            ),
        ),
    ),
)  # fmt: skip
CASES = {
    "english": ENGLISH, "arabic": ARABIC, "not-in-the-archive": NOT_THERE, "long": LONG, "corrected": CORRECTED,
    "also-in": ALSO,
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_blocks_are_those_that_were_looked_at(name: str) -> None:
    """Set GOLDEN=1 to write them again, and look at what changed."""
    file = GOLDEN / f"{name}.json"
    made = messages(CASES[name])
    if os.environ.get("GOLDEN"):
        text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
        text = "".join(f"\\u{ord(character):04x}" if character in MARKS else character for character in text)
        file.write_text(text, encoding="utf-8")
    assert made == json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_answer_is_within_slacks_limits_and_exact(name: str) -> None:
    said = messages(CASES[name])
    for message in said:
        blocks_are_valid(message["blocks"])
        assert message["text"]
    assert [one for message in said for one in quoted(message["blocks"])] == [
        one.text for s in CASES[name].statements for one in s.quotes
    ]


def test_a_long_answer_is_cut_between_two_statements() -> None:
    said = messages(LONG)
    assert len(said) > 1
    assert "The answer continues below." in words(said[0]["blocks"])
    assert "The answer continues below." not in words(said[-1]["blocks"])
    assert all(block["type"] != "context_actions" for block in said[0]["blocks"])
    assert said[-1]["blocks"][-1]["type"] == "context_actions"


def test_a_quotation_that_no_message_holds_is_named_and_not_cut() -> None:
    sample = answer("What?", Statement("According to Sample Wire:", (quote("word " * 3000 + "end."),)))
    (said,) = messages(sample)
    blocks_are_valid(said["blocks"])
    assert quoted(said["blocks"]) == []
    assert "15,004 characters" in words(said["blocks"])
    assert "word word" not in said["text"]


def test_links_that_would_crowd_out_a_quotation_are_names_only() -> None:
    others = tuple(article("x y", publisher=f"W{n}", url="https://w.example/" + "u" * 800) for n in range(8))
    sample = answer("What?", Statement("According to:", (Quote(article("It rose. " * 500), 0, 4499, others),)))
    (message,) = messages(sample)
    blocks_are_valid(message["blocks"])
    assert len(quoted(message["blocks"])) == 1
    assert "W7" in words(message["blocks"])


def test_the_notification_never_cuts_a_quotation() -> None:
    sample = answer("What?", *(Statement(f"Part {n}:", (quote("It rose. " * 120),)) for n in range(5)))
    texts = [message["text"] for message in messages(sample)]
    assert any("“" in text for text in texts)
    assert all(text.count("“") == text.count("”") for text in texts)


def test_what_articles_say_has_no_power_over_slack() -> None:
    bad = "<!channel> <@U1> <https://evil.example|win> @here & *bold* `code` http://evil.example/x"
    sample = answer("What?", Statement(f"According to {bad}:", (quote(bad, title=bad, publisher=bad),)))
    (message,) = messages(sample)
    blocks_are_valid(message["blocks"])
    assert "<" not in message["text"]
    assert "&lt;!channel&gt;" in message["text"]
    assert quoted(message["blocks"]) == [bad]
    kinds = json.dumps(message["blocks"])
    assert '"mrkdwn"' not in kinds
    links = [one for block in message["blocks"] for one in _all(block) if one.get("type") == "link"]
    assert {one["url"] for one in links} == {"https://wire.example/flood"}
    assert not [one for block in message["blocks"] for one in _all(block) if one.get("type") in ("broadcast", "user")]


def _all(part: object) -> list[dict]:
    found = [part] if isinstance(part, dict) else []
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return found + [one for value in inner for one in _all(value)]


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "ftp://x/y", "https://x/ y", "https://x/" + "y" * 3000])
def test_an_address_that_is_no_link_is_no_link(url: str) -> None:
    (message,) = messages(answer("What?", Statement("According to:", (quote("It rose.", url=url),))))
    blocks_are_valid(message["blocks"])
    assert not [one for block in message["blocks"] for one in _all(block) if one.get("type") == "link"]


def test_each_line_from_the_right_is_led_by_its_mark_and_isolated() -> None:
    elements = text_elements("فازت ليان (54.3%).\nSecond line.\nOpenAI يقدم خدمات جديدة")
    assert [one["text"] for one in elements] == [
        "\u200f\u2067", "فازت ليان (54.3%).", "\u2069", "\n", "Second line.", "\n",
        "\u200f\u2067", "OpenAI يقدم خدمات جديدة", "\u2069",
    ]  # fmt: skip


TEXTS = (
    st.text(st.sampled_from("ab .\n&<>*_~`@#|—«»“”أبجد٣؟،12\U0001f600\u200d"), min_size=1, max_size=400)
    .map(clean)
    .filter(bool)
)


@given(TEXTS)
def test_marks_stand_apart_and_the_words_stay_what_they_are(text: str) -> None:
    elements = text_elements(text)
    assert "".join(one["text"] for one in elements if not set(one["text"]) <= MARKS) == text
    assert all(one["text"] for one in elements)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Answers of any size, of texts in both directions, with names and titles of any length."""
    language = draw(st.sampled_from(["en", "ar"]))
    statements = []
    for _ in range(draw(st.integers(0, 12))):
        quotes = []
        for _ in range(draw(st.integers(1, 10))):
            body = clean(draw(TEXTS) * draw(st.sampled_from([1, 1, 3, 30, 80]))) or "x"
            one = article(
                body, draw(TEXTS) * draw(st.sampled_from([1, 9])), draw(st.sampled_from(["", "Wire", "و" * 900])),
                url=draw(st.sampled_from(["", "https://w.example/" + "u" * 900, "https://w.example/" + "u" * 2900])),
                published=draw(st.sampled_from([None, NOON])),
            )  # fmt: skip
            quotes.append(Quote(one, 0, len(body), (one,) * draw(st.integers(0, 12))))
        proof = draw(st.sampled_from(["quoted", "shortened", "judged"]))
        statements.append(Statement(draw(TEXTS) * draw(st.sampled_from([1, 20])), tuple(quotes), proof, draw(TEXTS)))
    related = tuple(replace(article("x y"), title=draw(TEXTS) * 9) for _ in range(draw(st.integers(0, 9))))
    return Answer(
        draw(TEXTS) * 4 + " in 2019", language, tuple(statements), related, "extract", NOON, notice=draw(TEXTS) * 5
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(answers())
def test_slacks_limits_hold_whatever_the_answer(sample: Answer) -> None:
    known = {one.text for one in sample.quotes}
    sent = messages(sample)
    assert sent
    for message in sent:
        blocks_are_valid(message["blocks"])
        assert 0 < len(message["text"]) <= 40_000
        assert all(one in known for one in quoted(message["blocks"]))
    for n, one in enumerate(sample.statements):
        for part in statement_parts(one, n, sample.language):
            metadata_is_valid(metadata("answer", {"quotes": encode_quotes(part.quotes), "task": "t", "done": True}))


def test_buttons_are_numbered_where_there_are_several_quotations() -> None:
    (message,) = messages(ARABIC)
    assert [one["text"]["text"] for one in buttons(message)] == ["اعرض المقال 1", "اعرض المقال 2"]
    (message,) = messages(ENGLISH)
    assert [one["text"]["text"] for one in buttons(message)] == ["Show the article", "Search every date"]


def test_new_statements_rest_on_unseen_quotations_of_articles_that_came_in_since() -> None:
    old = quote("It rose by one metre.", fetched=datetime(2019, 1, 1, tzinfo=UTC))
    new = quote("It rose by two metres.", fetched=datetime(2019, 5, 1, tzinfo=UTC))
    sample = answer("What?", Statement("According to:", (old, new)))
    since = datetime(2019, 4, 1, tzinfo=UTC).timestamp()
    (said,) = new_statements(sample, set(), since)
    assert said.quotes == (new,)
    assert new_statements(sample, {fingerprint(new)}, since) == []
    assert fingerprint(quote("It rose, by TWO metres.")) != fingerprint(new)
    assert fingerprint(quote("It rose by two  metres.", publisher="Other")) == fingerprint(new)


def test_a_brief_is_within_the_limits_and_its_stories_are_grouped() -> None:
    many = [article(f"The first line of this story is number {n}.", title=f"Event {n} of {n * 7}") for n in range(60)]
    copies = [
        article("The flood rose by one metre today.", title="Flood in Port Oskara", publisher=f"W{n}") for n in range(4)
    ]
    page = Page(brief([*many, *copies], "ar", {}))
    blocks_are_valid(page.blocks)
    assert quoted(page.blocks)[0] == "The flood rose by one metre today."
    assert "ومقالات أخرى بالخبر نفسه عددها 3" in words(page.blocks)


def one_story(pair: dict, known: bool) -> bool:
    """Whether a brief makes one story of a labelled pair; `known`: the archive knows it for near-copies."""
    both = [
        Article(digit * 16, pair[side]["title"], pair[side]["text"], language=detect(pair[side]["text"]))
        for digit, side in (("1", "one"), ("2", "other"))
    ]
    return len(group_stories(both, {one.id: 7 for one in both} if known else {})) == 1


def test_a_story_of_a_brief_is_what_the_archive_or_both_titles_and_texts_say() -> None:
    pairs = [json.loads(line) for line in (DATA / "near_copies.jsonl").read_text("utf-8").splitlines()]
    assert all(one_story(pair, known=True) for pair in pairs if pair["copy"])
    found = Counter(pair["kind"] for pair in pairs if one_story(pair, known=False))
    assert found["update with new figures"] == 12  # the others have titles of their own
    assert found["the same title with another body"] == 0
    assert found["the next story with the same background"] == 0


def test_an_article_that_is_like_two_stories_makes_them_one() -> None:
    first = article("The old bridge of Marn reopened on Friday.", title="Bridge of Marn reopens")
    last = replace(article("Nobody expected it any more.", title="An end at last"), id="b" * 16)
    between = replace(article("The old bridge of Marn reopened.", title="Bridge of Marn reopens today"), id="c" * 16)
    other = article("Parliament votes.", title="Water")
    known = {last.id: 3, between.id: 3}
    assert group_stories([first, last, other, between], known) == [[first, last, between], [other]]


def test_the_validator_refuses_what_slack_refuses() -> None:
    text = {"type": "text", "text": "x"}
    good = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [text]}]}
    blocks_are_valid([good])
    for bad in (
        [],
        [good] * 51,
        [good | {"block_id": "a"}] * 2,
        [good | {"block_id": "a" * 256}],
        [{"type": "rich_text", "elements": []}],
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [text | {"text": ""}]}]}],
        [{"type": "actions", "elements": []}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
        [{"type": "unknown"}],
    ):
        with pytest.raises(Invalid):
            blocks_are_valid(bad)


def test_a_line_of_ours_is_a_part() -> None:
    blocks_are_valid(list(line("note", "لا سؤال فيه.").blocks))
