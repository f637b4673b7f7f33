"""The page itself: Gradio's components, and which of the desk's work each event asks for.

Concurrency: an answer waits for a model or computes for milliseconds, so any number up to the server's threads run at
once, and one reader's slow model holds up nobody; articles are added by one reader at a time, as the archive stores
them one after the other anyway.
"""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.assistant import Assistant
from assistant.page.api import endpoints, for_gradio
from assistant.page.conversation import Narrowed
from assistant.page.handlers import Handlers, View
from assistant.page.html import escaped
from assistant.page.layout import LABELS, Frame
from assistant.page.localization import LANGUAGES, said, spoken
from assistant.page.transcript import tongue

if TYPE_CHECKING:
    import gradio as gr

_FILES = resources.files(__package__)
_HOUR = 3600  # seconds
_SCRIPTED = (
    *("copied", "conversations", "no_conversations", "close", "article", "confirm_clear", "loading"),
    *("new", "clear", "export", "skip", "tagline", "drop"),
)
"""Phrases that the script needs."""


@dataclass(slots=True)
class Page:
    """The built page.

    Attributes:
        looks: what Gradio is told when it serves it: theme, style, script, words.
        icon: the file of the page's icon.
    """

    blocks: "gr.Blocks"
    looks: dict[str, Any]
    icon: str

    @property
    def served(self) -> bool:
        """Whether it is served now."""
        server = getattr(self.blocks, "server", None)
        return bool(server and server.thread.is_alive())

    def close(self) -> None:
        """Stop serving it."""
        self.blocks.close(verbose=False)


def build(assistant: Assistant, *, read_only: bool = False) -> Page:
    """Build the page of an assistant, which stays open and is not closed with it."""
    import gradio as gr  # 5 s

    return _Builder(gr, Handlers(assistant, read_only=read_only)).page()


class Given:
    """What the page's script sends with an event: untrusted, so every part is read as what it should be."""

    def __init__(self, data: object) -> None:
        self._data: Mapping[str, object] = data if isinstance(data, dict) else {}

    def text(self, name: str) -> str:
        """A text; "" if it is none."""
        value = self._data.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """A whole number; -1 if it is none."""
        value = self._data.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _told(work: Callable[..., Any]) -> Callable[..., Any]:
    """A handler of events that the page's script sends: `work` gets what was sent with them first."""
    import gradio as gr  # 5 s

    def handler(event: gr.EventData, *inputs: Any) -> Any:  # noqa: ANN401 - what Gradio gives and takes
        return work(Given(event._data), *inputs)

    def steps(event: gr.EventData, *inputs: Any) -> Iterator[Any]:  # noqa: ANN401 - what Gradio gives and takes
        yield from work(Given(event._data), *inputs)

    return steps if inspect.isgeneratorfunction(work) else handler


class _Builder:
    """Builds one page. `gr` is Gradio's module, imported by who builds."""

    def __init__(self, gr: Any, desk: Handlers) -> None:  # noqa: ANN401 - a module
        self._gr = gr
        self._desk = desk
        self._i18n = gr.I18n(**{code: {name: said(name, code) for name in LABELS} for code in LANGUAGES})

    def page(self) -> Page:
        """The whole page with its events and endpoints."""
        gr = self._gr
        forgotten = (_HOUR, _HOUR)  # uploaded files that nobody added, looked for as often
        with gr.Blocks(
            title="Khabar · خبر", analytics_enabled=False, fill_width=True, elem_id="khabar", delete_cache=forgotten
        ) as blocks:
            desk = self._desk
            frame = Frame(gr, self._i18n, desk.choices(), self._opener(), self._exporter(), desk.read_only)
            self._frame = frame
            self._events(blocks, frame)
            for endpoint in endpoints(self._desk.assistant):
                gr.api(for_gradio(endpoint), api_name=endpoint.__name__, concurrency_limit=None)
        looks = {"theme": _theme(gr), "head": _head(), "i18n": self._i18n}
        return Page(blocks, looks, str(_FILES / "icon.png"))

    # -- what happens ----------------------------------------------------------------------------------------------

    def _events(self, blocks: "gr.Blocks", frame: Frame) -> None:
        on = self._on
        shown = [frame.past, frame.live, frame.status, frame.kept]
        at_rest = [*shown, frame.ask, frame.stop]
        reader = [frame.kept, frame.language]
        asking = [*reader, frame.since, frame.until, frame.publishers, frame.languages]
        running = [
            on(frame.ask.click, self._asked, [frame.question, *asking], [*at_rest, frame.question]),
            on(frame.question.submit, self._asked, [frame.question, *asking], [*at_rest, frame.question]),
            on(frame.live.ask_this, _told(self._asked_example), asking, at_rest),
            on(frame.live.ask_again, self._asked_again, asking, at_rest),
            on(frame.live.ask_any_date, self._asked_any_date, asking, at_rest),
        ]
        changed = on(frame.live.edit_last, self._back, reader, [*shown, frame.question])
        on(frame.live.take_back, self._taken_back, reader, shown)
        on(frame.stop.click, self._stopped, reader, at_rest, cancels=running)
        opened = on(frame.side.open_kept, _told(self._opened), [frame.language], at_rest, cancels=running)
        for place in (frame.live, frame.past):
            on(place.judge, _told(self._judged), reader, shown)
        for done in (changed, opened):
            self._in_browser(done.then, [], "() => khabar.write()")
        self._in_browser(frame.kept.change, [frame.kept], "kept => khabar.keep(kept)")
        self._beginnings(blocks, frame, shown)
        self._archive_events(frame, shown)

    def _beginnings(self, blocks: "gr.Blocks", frame: Frame, shown: Sequence[Any]) -> None:
        """When the page is opened, and when its language is switched: everything is shown in it."""
        everything = [frame.language, *frame.labelled(), *shown, *self._panelled(frame)]
        begin = "() => [khabar.language(), khabar.kept()]"
        turned = "(language, kept) => [khabar.turned(language), kept]"
        for listener, js in ((blocks.load, begin), (frame.switch.click, turned)):
            begun = self._on(listener, self._begun, [frame.language, frame.kept], everything, js=js)
            self._in_browser(begun.then, [frame.language], "language => khabar.dress(language)")

    def _archive_events(self, frame: Frame, shown: Sequence[Any]) -> None:
        on, reader = self._on, [frame.kept, frame.language]
        for listener in (frame.words.submit, frame.find.click):
            on(listener, self._desk.listing, [frame.words, frame.language], [frame.listing])
        on(frame.listing.turn_to, _told(self._turned_to), [frame.language], [frame.listing])
        if self._desk.read_only:
            return
        alone: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "adding"}
        given = [frame.files, frame.address, frame.publisher, frame.language]
        added = on(frame.add.click, self._added, given, [frame.report, frame.files, frame.address, frame.add], **alone)
        loaded = on(frame.live.sample, self._samples, [frame.language], [frame.live], **alone)
        for done in (added, loaded):
            counted = on(done.then, self._panels, [frame.language], self._panelled(frame))
            on(counted.then, self._refreshed, reader, shown)

    def _panelled(self, frame: Frame) -> list[Any]:
        """The components that `_panels` fills."""
        return [frame.summary, frame.listing, frame.publishers, frame.languages]

    def _in_browser(self, listener: Callable[..., Any], inputs: Sequence[Any], js: str) -> None:
        """An event that is the script's alone."""
        listener(None, [*inputs], js=js, api_visibility="private")

    def _on(
        self,
        listener: Callable[..., Any],
        fn: Callable[..., Any],
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        **more: Any,  # noqa: ANN401 - what Gradio takes
    ) -> Any:  # noqa: ANN401 - what Gradio gives
        """An event of the page: no endpoint for programs, no veil over what is shown."""
        more.setdefault("concurrency_limit", None)
        return listener(fn, [*inputs], [*outputs], show_progress="hidden", api_visibility="private", **more)

    # -- the desk's work in Gradio's terms -------------------------------------------------------------------------

    def _asked(self, question: str, *asking: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - those of `_answered`
        emptied: tuple[Any, ...] = ("",)
        for update in self._answered(question, *asking):
            yield (*update, *emptied)
            emptied = (self._gr.skip(),)

    def _asked_example(self, given: Given, *asking: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
        yield from self._answered(given.text("question")[:2000], *asking)

    def _asked_again(
        self,
        kept: str,
        language: str,
        *filters: Any,  # noqa: ANN401
        dated: bool = True,
    ) -> Iterator[tuple[Any, ...]]:
        view, question = self._desk.back(kept, language)
        yield from self._answered(question, view.kept, language, *filters, dated=dated)

    def _asked_any_date(self, *asking: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
        yield from self._asked_again(*asking, dated=False)

    def _answered(
        self,
        question: str,
        kept: str,
        language: str,
        since: str,
        until: str,
        publishers: list[str],
        languages: list[str],
        *,
        dated: bool = True,
    ) -> Iterator[tuple[Any, ...]]:
        """What is shown while a question is answered, and which of the buttons: "ask" at rest, else "stop"."""
        gr = self._gr
        asks, stops = (tuple(gr.update(visible=one) for one in pair) for pair in ((True, False), (False, True)))
        if question.strip():
            narrowed = Narrowed.model_construct(
                since=(since or "")[:10], until=(until or "")[:10], publishers=tuple(publishers or ()),
                languages=tuple(languages or ()),
            )  # fmt: skip
            buttons = stops
            for view in self._desk.ask(question, kept, language, narrowed, dated=dated):
                yield (*self._shown(view), *buttons)
                buttons = (gr.skip(), gr.skip())
        yield (*[gr.skip()] * 4, *asks)

    def _shown(self, view: View) -> list[Any]:
        past = self._gr.skip() if view.past is None else view.past
        return [past, view.live, escaped(view.status), view.kept]

    def _back(self, kept: str, language: str) -> tuple[Any, ...]:
        view, question = self._desk.back(kept, language)
        return (*self._shown(view), question)

    def _taken_back(self, kept: str, language: str) -> list[Any]:
        return self._shown(self._desk.back(kept, language)[0])

    def _judged(self, given: Given, kept: str, language: str) -> list[Any]:
        place, verdict, reason = given.number("turn"), given.text("verdict"), given.text("reason")
        return self._shown(self._desk.judge(kept, language, place, verdict, reason))

    def _stopped(self, kept: str, language: str) -> tuple[Any, ...]:
        gr = self._gr
        return (*self._shown(self._desk.show(kept, language)), gr.update(visible=True), gr.update(visible=False))

    def _opened(self, given: Given, language: str) -> tuple[Any, ...]:
        return self._stopped(given.text("kept"), language)

    def _refreshed(self, kept: str, language: str) -> list[Any]:
        return self._shown(self._desk.show(kept, language))

    def _begun(self, language: str, kept: str) -> list[Any]:
        chosen = spoken(language)
        return [chosen, *self._frame.labels(chosen), *self._refreshed(kept, chosen), *self._panels(chosen)]

    def _panels(self, language: str) -> list[Any]:
        """The archive's summary and list, and what questions can be narrowed to."""
        gr, desk, chosen = self._gr, self._desk, spoken(language)
        publishers, languages = desk.choices()
        named = [(tongue(code, chosen), code) for code in languages]
        return [
            desk.summary(chosen), desk.listing("", chosen),
            gr.update(choices=publishers, label=said("publishers", chosen)),
            gr.update(choices=named, label=said("languages", chosen)),
        ]  # fmt: skip

    def _turned_to(self, given: Given, language: str) -> str:
        return self._desk.listing("", language, given.number("offset"))

    def _added(self, files: list[str] | None, address: str, publisher: str, language: str) -> Iterator[tuple[Any, ...]]:
        gr = self._gr
        given = [(Path(one), Path(one).name) for one in files or ()]
        for markup in self._desk.add(given, address or "", publisher or "", language):
            yield markup, gr.skip(), gr.skip(), gr.update(interactive=False)
        yield gr.skip(), None, "", gr.update(interactive=True)

    def _samples(self, language: str) -> Iterator[str]:
        yield from self._desk.add_samples(language)

    def _opener(self) -> Callable[..., str]:
        def article(asked: Any) -> str:  # noqa: ANN401 - whatever a browser sends
            given = Given(asked)
            place = given.number("start"), given.number("end")
            return self._desk.article(given.text("article"), *place, given.text("language"))

        return article

    def _exporter(self) -> Callable[..., str]:
        def export(asked: Any) -> str:  # noqa: ANN401 - whatever a browser sends
            given = Given(asked)
            return self._desk.export(given.text("kept"), given.text("language"))

        return export


def _theme(gr: Any) -> Any:  # noqa: ANN401
    """Gradio's plain theme with fonts of the reader's own system: it fetches none."""
    fonts = [
        "system-ui",
        "Segoe UI",
        "Noto Sans",
        "Noto Sans Arabic",
        "Noto Kufi Arabic",
        "Geeza Pro",
        "Tahoma",
        "sans-serif",
    ]
    return gr.themes.Base(
        primary_hue="teal", secondary_hue="teal", neutral_hue="slate", radius_size="md", font=fonts,
        font_mono=["ui-monospace", "Consolas", "monospace"],
    )  # fmt: skip


def _read(name: str) -> str:
    return _FILES.joinpath(name).read_text("utf-8")


def _head() -> str:
    """The style and the script with its words; nothing in them can end the element that they stand in."""
    words = {code: {name: said(name, code) for name in _SCRIPTED} for code in LANGUAGES}
    told = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
    return f"<style>{_read('style.css')}</style>\n<script>window.khabarWords = {told};\n{_read('script.js')}</script>"
