"""Every public function that reads text, on texts that mean harm: each is done in time, and raises only what it says.

The functions of `MODULES` are found by themselves, so a new one is tried without a line here; what is not given a text
has its reason in `UNTRIED`. A process of its own tries those of a module; the system ends it where a call takes more
than `SECONDS` of a processor, and what it was doing is named. No time is asserted: the bound is that of a hang.

    python tests/test_fuzz_texts.py ingest.language.sentences      prints how long each function took, at worst
"""

import contextlib
import faulthandler
import importlib
import inspect
import io
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import FunctionType

import pytest

from assistant.answer import Quote, Turn
from ingest.archive import Version
from ingest.article import Article
from ingest.duplicates.shingles import Sentence, comparable
from ingest.errors import KhabarError
from ingest.language import words
from ingest.sources.item import Defaults
from ingest.sources.raw_article import RawArticle
from ingest.sources.reader import Document

pytestmark = pytest.mark.slow

SIZE = 100_000
"""Characters of each text: a long article has a tenth."""
SECONDS = 20
"""Of a processor, for one call, on a slow machine; what is linear takes less than two."""

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("ingest/language", "ingest/duplicates", "ingest/sources", "ingest/sources/parsing")
MODULES = (
    *(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for one in FOLDERS
        for path in (ROOT / one).glob("[!_]*.py")
    ),
    *(
        "ingest.article",
        "ingest.passages",
        "ingest.archive.corrections",
        "ingest.fetching.url_policy",
    ),
    *(
        "assistant.question.reading",
        "assistant.question.time_expressions",
        "assistant.question.wording",
        "assistant.question.rewriting",
        "assistant.formats.text",
    ),
    *(
        "assistant.verification.quotation_marks",
        "assistant.verification.locate",
        "assistant.verification.shortening",
        "assistant.verification.vetoes",
    ),
    *(
        "assistant.verification.as_written",
        "assistant.page.bidi",
        "assistant.formats.text_fragments",
        "assistant.formats.markdown",
        "assistant.slack.rich_text",
    ),
    "assistant.slack.events",
)

UNTRIED = {
    "read_path": "tried by its readers",
    "count of ingest.sources.files": "counts lines",
    "read_in_parallel": "reads sources in threads",
    "read_url": "tried by its readers",
    "read_page": "tried by read_html",
    "page_article": "tried by read_html",
    "recheck": "tried by read_html",
    "first_of": "it looks at a few tokens",
    "split_entries": "it splits words of ours",
    "any_of": "it joins words of ours",
    "table": "it reads data of ours",
    "is_date": "it compares figures",
    "embedded_text": "it cuts a passage out",
    "surroundings": "it cuts passages out",
    "shingles": "it cuts words into shingles",
    **dict.fromkeys(("merged", "of_all_languages"), "they read data of ours"),
    "alternation": "it joins patterns of ours",
    "proof_note of assistant.formats.text": "a phrase of ours",
    "read_document": "tried by its readers",
    "register": "it takes a kind of documents",
    "parse_feed": "tried by read_feed",
    "parse_json_feed": "tried by read_json_feed",
    "parse_sitemap": "tried by read_sitemap",
    **{
        f"{name} of assistant.slack.events": "what Slack sends is tried by tests/doors/test_slack_events.py"
        for name in ("read_event", "overlong_job")
    },
    "local_name": "an element's name",
    "find": "tried by read_nitf",
    "element_text": "tried by read_nitf",
    "read_metadata": "tried by read_html",
    "from_document": "tried by read_record",
    "refusal": "it judges addresses",
    "restated": "tried by read",
    "merge": "it compares positions",
    "shown_as_written": "tried by its parts",
    "requoted": "locate is tried; a statement has 1,500 characters at most",
    "subjects": "it compares sets",
    "missing_figures": "it compares figures",
    "os_error_reason": "an error of the system",
    "choose_reading": "it compares scores",
    **dict.fromkeys(("opening", "correcting", "standing_in"), "patterns of a language"),
    "standalone": "it asks a model",
    "searched_dates": "two dates",
    "writer_notice": "a phrase",
    "answer_text": "tried by its parts",
    "button": "escapes its words",
    "direction_mark": "a mark",
    "section": "lists elements",
    "rich_text_block": "lists elements",
    "character_count": "counts characters",
    "read_event": "tried by plain_text",
}
"""Functions that are given no text of strangers at first hand."""


def repeated(piece: str) -> str:
    """A text of `SIZE` characters."""
    return (piece * (SIZE // len(piece) + 1))[:SIZE]


_PIECES = {
    "digits": "1234567890",
    "digits of many scripts": "٠١٢۴۵६७୮๙༣᠔１𝟜",
    "digits that are none": "❶➀①⑴🄌፩፪²₅½Ⅷ㊿",
    "digits among words": "12 ❶ ² 3٤ ፩ ١ 5 to ➀ ",
    "combining marks": "\u0301",
    "combining marks of many classes": "\u0301\u0316\u0327\u05b0\u064b\u0f73\u0344",
    "tashkeel and tatweel": "كُتِبَ\u064eــ ",
    "straight quotation marks": '"',
    "quotation marks in words": "a\" b' «c“ ”d» ‘e’ ",
    "nested quotation marks": "“‘«‹",
    "apostrophes": "'",
    "dashes": "-",
    "dashes of each kind": "‐‑‒–—―−﹣－ ",
    "brackets": "(",
    "brackets of each kind": "([{)]}",
    "ids": "[1.1]",
    "open ids": "[1.1, ",
    "definite articles": "ال",
    "spaces": " ",
    "spaces of each kind": " \t\u00a0\u2003\u3000\u200b",
    "newlines": "\n",
    "line ends of each kind": "\r\n \r \x85\u2028a: b\n",
    "NUL and controls": "\x00\x01\x07\x1b\x7f",
    "emoji that are joined": "👩\u200d👩\u200d👧\u200d👦",
    "marks of direction": "\u202e\u2067\u200f\u2069\u202c",
    "half surrogates": "\ud800",
    "one word": "a",
    "one Arabic word": "ب",
    "capital words": "A Bb Cc ",
    "points": ".",
    "points in words": "a.",
    "ellipses": "a … b ... ",
    "sentences": "The council opened a market. Nobody was hurt! ",
    "Arabic sentences": "قال الوزير إن المجلس افتتح السوق، ولم يصب أحد. ",
    "commas in numbers": "1,",
    "colons in numbers": "1:",
    "numbers in words": "two thousand million and a half ",
    "Arabic numbers in words": "ألفين وثلاثمئة وخمسة وأربعون مليونا ونصف ",
    "Arabic and": "و ",
    "months": "january of مارس 12 from march to ",
    "dates": "12/03/2024 12:30 pm 1445 هـ ",
    "titles and names": "the minister Hala Smith Jones الوزيرة هالة السنمراني ",
    "denials": "not no never لم لا ",
    "tolls": "31 killed, died ",
    "mixed scripts": "aبक漢я",
    "ideographs": "漢。",
    "ligatures": "ﷺ and two words ",
    "tags that open": "<",
    "tags": "<p>",
    "comments": "<!--",
    "attributes": '<a b="c" d=\'',
    "ampersands": "&",
    "open entities": "&#1",
    "Markdown": "# *a _b `c [d](e ![",
    "front matter": "---\na: [",
    "addresses": "http://a.b/?",
    "Slack": "<@U1> <!channel> <http://a|",
    "JSON": '{"text":[',
}
_IN_DOCUMENTS = (
    *("digits that are none", "combining marks", "straight quotation marks", "spaces", "newlines", "one word"),
    *("sentences", "tags that open", "tags", "comments", "attributes", "ampersands", "dates", "brackets of each kind"),
)
_PAGE = "<html><head><title>A</title>{}</head><body><article><h1>A</h1>{}</article></body></html>"
_FEED = "<rss><channel><title>A</title>{}</channel></rss>"
_JSON = '"text": "{0}", "title": "{0}", "published": "{0}", "url": "{0}", "author": "{0}"'
DOCUMENTS = {
    "read_html": {
        "a page of": _PAGE.format("", "<p>{}</p>"),
        "a title of": _PAGE.format("<title>{}</title>", "<p>A market opened.</p>"),
        "an attribute of": _PAGE.format("", '<p title="{}">A market opened in the town on Thursday.</p>'),
        "JSON-LD of": _PAGE.format('<script type="application/ld+json">{}</script>', "<p>A market opened.</p>"),
    },
    "read_feed": {
        "a feed of": _FEED.format("<item><title>A</title><description>{}</description></item>"),
        "a feed of CDATA of": _FEED.format("<item><title><![CDATA[{}]]></title></item>"),
        "an element of a feed with": _FEED.format("<item {}><title>A</title></item>"),
    },
    "read_sitemap": {"a sitemap of": "<urlset><url><loc>{0}</loc><lastmod>{0}</lastmod></url></urlset>"},
    "read_nitf": {"a dispatch of": "<nitf><body><body.content><p>{}</p></body.content></body></nitf>"},
    "read_newsml": {
        "a dispatch of": "<newsItem guid='{0}'><contentMeta><headline>{0}</headline></contentMeta>"
        "<contentSet><inlineXML><p>{0}</p></inlineXML></contentSet></newsItem>",
    },
    "read_json": {"JSON of": f"{{{{{_JSON}}}}}"},
}
"""What readers of documents are given besides: a text where a stranger would put it."""


def shapes(reader: str, some: bool) -> Iterator[tuple[str, str]]:
    """The name and the text of each shape that a function is given; of some two of three, others in each function."""
    for number, (name, piece) in enumerate(_PIECES.items()):
        if not some or (number + len(reader)) % 3:
            yield name, repeated(piece)
    for around, document in DOCUMENTS.get(reader, {}).items():
        for name in _IN_DOCUMENTS:
            yield f"{around} {name}", document.format(repeated(_PIECES[name]))


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def article(text: str) -> object:
    return Article("0" * 16, text[:500], text, publisher=text[:500])


def json_feed(text: str) -> object:
    item = dict.fromkeys(("id", "content_text", "title", "url", "date_published", "language"), text)
    return {"title": text, "items": [{**item, "authors": [{"name": text}]}]}


def sentence(text: str) -> object:
    return Sentence(text, tuple(words(text)))


def turns(text: str) -> object:
    return [Turn(text, text)]


# What a parameter is given, by its name or by the function's and its own.
GIVEN: dict[str, Callable[[str], object]] = {
    **dict.fromkeys("text token word after term question statement words inside page address url name".split(), str),
    **dict.fromkeys(("one", "other"), str),
    "data": encoded,
    "tokens": lambda text: re.findall(r"\w+", text) or ["a"],
    "start": lambda _: 0,
    "article": article,
    "history": turns,
    "source": lambda _: "a source",
    "defaults": lambda _: Defaults(),
    "raw": lambda text: RawArticle(*[text] * 5, key=text),
    "document": lambda text: Document(io.BytesIO(encoded(text)), "a source"),
    **dict.fromkeys(("head", "content"), encoded),
    **dict.fromkeys(("location", "media_type"), lambda _: ""),
    "suffix": lambda _: ".xml",
    "web": lambda _: None,
    "record": lambda text: dict.fromkeys(("text", "title", "date", "url", "author", "source", text), text),
    "value": lambda text: {"uri": text, "version": text, "body_text": text, "headlines": [{"value": text}], text: text},
    "read_json_feed.value": json_feed,
    "root": str,
    "code": lambda _: "ar",
    "language": lambda _: "ar",
    "question_language": lambda _: "ar",
    "text_language": lambda _: "ar",
    "today": lambda _: date(2024, 3, 12),
    "base": lambda _: "rtl",
    "sentence": lambda text: text[::-1],
    "cited": lambda text: [text[::-1]],
    "sources": lambda text: [text[::-1]],
    "typed": str,
    "asked": lambda _: {"price"},
    "window": lambda _: 8000,
    "most": lambda _: 100,
    "limit": lambda _: 100,
    "proven": lambda text: {(0, 5): text},
    "old": str,
    "new": lambda text: f"{text[: SIZE // 2]} {text[SIZE // 3 :]}",
    "versions": lambda text: [version(f"{text[: SIZE // 2]} {text} changed")],
    "quote": lambda text: Quote(article(text), 0, len(text)),
    "contradict.one": sentence,
    "contradict.other": lambda text: sentence(text[: SIZE // 5][::-1]),
    "differ.one": comparable,
    "differ.other": lambda text: comparable(text[::-1]),
    "relation.other": lambda text: f"{text[: SIZE // 2]} not 12. {text[SIZE // 2 :]}",
    "replaced.other": lambda text: text[::-1],
    "known": lambda _: (frozenset(), frozenset()),
    "are_opposite.one": lambda text: [text],
    "are_opposite.other": lambda text: [text[::-1]],
    "denied_outright.one": lambda text: [text],
    "denied_outright.other": lambda text: [text[::-1]],
}


def version(text: str) -> object:
    fields = {name: None for name in inspect.signature(Version).parameters}
    return Version(
        **{
            **fields,
            "title": text[:500],
            "text": text,
            **dict.fromkeys(("replaced", "fetched"), datetime.now(UTC)),
        }
    )


def functions(module: str) -> dict[str, FunctionType]:
    """The public functions that a module defines, cached ones without their cache."""
    found = (
        (name, inspect.unwrap(one)) for name, one in vars(importlib.import_module(module)).items() if callable(one)
    )
    return {name: one for name, one in found if inspect.isfunction(one) and one.__module__ == module and name[0] != "_"}


def is_untried(module: str, name: str) -> bool:
    return name in UNTRIED or f"{name} of {module}" in UNTRIED


def arguments(name: str, function: FunctionType, text: str) -> dict[str, object]:
    """What a function is called with."""
    given: dict[str, object] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            make = GIVEN.get(f"{name}.{parameter.name}") or GIVEN[parameter.name]
            given[parameter.name] = make(text)
    return given


def documented(function: FunctionType) -> tuple[type[BaseException], ...]:
    """The errors that its docstring names; those of readers are ours."""
    raises = (inspect.getdoc(function) or "").partition("Raises:")[2]
    return (KhabarError, ValueError) if "ValueError" in raises else (KhabarError,)


def try_module(module: str, *, some: bool) -> None:
    """Call all of its functions with all texts, or some; print what took how long."""
    faulthandler.register(signal.SIGVTALRM, chain=True)  # where it was, whatever holds the interpreter; then it ends
    for name, function in functions(module).items():
        if is_untried(module, name):
            continue
        worst, total = (0.0, ""), 0.0
        for shape, text in shapes(name, some):
            given = arguments(name, function, text)
            print(f"{module}.{name} on {shape}", file=sys.stderr, flush=True)
            began = time.process_time()
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            with contextlib.suppress(*documented(function)):
                found = function(**given)
                if inspect.isgenerator(found) or isinstance(found, Iterator):
                    list(found)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            took = time.process_time() - began
            worst, total = max(worst, (took, shape)), total + took
        print(f"{module}.{name}", f"{worst[0]:.2f} s on {worst[1]}, {total:.1f} s in all", flush=True)


@pytest.mark.parametrize("module", MODULES)
def test_no_text_takes_long_or_raises_what_is_not_documented(module: str) -> None:
    command = [sys.executable, __file__, "some", module]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]


if __name__ == "__main__":
    for chosen in [one for one in sys.argv[1:] if one != "some"] or MODULES:
        try_module(chosen, some="some" in sys.argv)
