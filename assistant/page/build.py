"""Build the page: Gradio's components, and the handler that each event calls.

Questions are answered concurrently, up to the number of the server's threads: an answer mostly waits for a model, and
a slow one must not delay other readers. Articles are added for one reader at a time, because the archive stores them
one after the other anyway.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from assistant.assistant import Assistant
from assistant.page.api import endpoints, for_gradio
from assistant.page.conversation import Filters
from assistant.page.handlers import Handlers, View
from assistant.page.layout import Layout
from assistant.page.localization import LANGUAGES, language_name, ui_language, ui_text
from assistant.page.templates import render

if TYPE_CHECKING:
    import gradio as gr

_STATIC = resources.files(__package__).joinpath("static")
_UPLOAD_LIFETIME = 3600  # seconds after which uploaded files that nobody added are deleted
_SCRIPT_MESSAGES = (
    *("copied", "conversations", "no_conversations", "close", "article", "confirm_clear", "loading"),
    *("new", "clear", "export", "skip", "tagline", "drop"),
)  # messages that script.js shows


@dataclass(slots=True)
class Page:
    """The built page.

    Attributes:
        blocks: Gradio's representation of the page.
        launch_arguments: for `blocks.launch`: theme, head and labels.
        icon: the path of the page's icon.
    """

    blocks: "gr.Blocks"
    launch_arguments: dict[str, Any]
    icon: str

    @property
    def served(self) -> bool:
        """Whether the page is being served."""
        server = getattr(self.blocks, "server", None)
        return bool(server and server.thread.is_alive())

    def close(self) -> None:
        """Stop serving the page."""
        self.blocks.close(verbose=False)


def build(assistant: Assistant, *, read_only: bool = False) -> Page:
    """Build the page of an assistant; closing the page leaves the assistant open."""
    import gradio as gr  # 5 s

    return _Builder(gr, Handlers(assistant, read_only=read_only)).page()


class BrowserData:
    """The data that the page's script sends with an event; untrusted, so the type of each value is checked."""

    def __init__(self, data: object) -> None:
        self._data: Mapping[str, object] = data if isinstance(data, dict) else {}

    def text(self, name: str) -> str:
        """Return the string of that name; "" if there is none."""
        value = self._data.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """Return the integer of that name; -1 if there is none."""
        value = self._data.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _with_data(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a handler for an event of the script: the event's data becomes its first argument."""
    import gradio as gr  # 5 s

    def call(event: gr.EventData, *inputs: Any) -> Any:  # noqa: ANN401 - what Gradio passes and takes
        return handler(BrowserData(event._data), *inputs)

    def iterate(event: gr.EventData, *inputs: Any) -> Iterator[Any]:  # noqa: ANN401 - what Gradio passes and takes
        yield from handler(BrowserData(event._data), *inputs)

    return iterate if inspect.isgeneratorfunction(handler) else call


class _Builder:
    """Builds one page.

    Args:
        gr: Gradio's module, which takes seconds to import.
        handlers: do the page's work; the methods below convert between them and Gradio's components.
    """

    def __init__(self, gr: Any, handlers: Handlers) -> None:  # noqa: ANN401 - a module
        self._gr = gr
        self._handlers = handlers

    def page(self) -> Page:
        """Build the whole page with its events and endpoints."""
        gr, handlers = self._gr, self._handlers

        # The script calls these two by their names.
        def article(sent: Any) -> str:  # noqa: ANN401 - whatever a browser sends
            data = BrowserData(sent)
            start, end = data.number("start"), data.number("end")
            return handlers.article(data.text("article"), start, end, data.text("language"))

        def export(sent: Any) -> str:  # noqa: ANN401 - whatever a browser sends
            data = BrowserData(sent)
            return handlers.export(data.text("kept"), data.text("language"))

        with gr.Blocks(
            title=ui_text("title", "en"), analytics_enabled=False, fill_width=True, elem_id="khabar",
            delete_cache=(_UPLOAD_LIFETIME, _UPLOAD_LIFETIME),
        ) as blocks:  # fmt: skip
            self._layout = Layout(gr, handlers.choices(), article, export, handlers.read_only)
            self._conversation_events()
            self._language_events(blocks)
            self._archive_events()
            for endpoint in endpoints(handlers.assistant):
                gr.api(for_gradio(endpoint), api_name=endpoint.__name__, concurrency_limit=None)
        arguments = {"theme": _theme(gr), "head": _head(), "i18n": self._layout.i18n}
        return Page(blocks, arguments, str(_STATIC / "icon.png"))

    # -- events ----------------------------------------------------------------------------------------------------

    def _conversation_events(self) -> None:
        on, layout = self._on, self._layout
        shown = self._shown_components()
        answering = [*shown, layout.ask, layout.stop]
        reader = [layout.kept, layout.language]
        asking = [*reader, layout.since, layout.until, layout.publishers, layout.languages]
        typed = [layout.question, *asking]
        running = [
            on(layout.ask.click, self._ask_typed, typed, [*answering, layout.question]),
            on(layout.question.submit, self._ask_typed, typed, [*answering, layout.question]),
            on(layout.live.ask_this, _with_data(self._ask_example), asking, answering),
            on(layout.live.ask_again, self._ask_again, asking, answering),
            on(layout.live.ask_any_date, self._ask_any_date, asking, answering),
        ]
        for run in running:  # done or stopped: Gradio drops a question that is asked before a stopped one has ended
            on(run.then, self._enable_asking, [], [layout.ask, layout.stop])
        edited = on(layout.live.edit_last, self._edit_last, reader, [*shown, layout.question])
        on(layout.live.take_back, self._take_back, reader, shown)
        on(layout.stop.click, self._refresh, reader, shown, cancels=running)
        opened = on(layout.shelf.open_kept, _with_data(self._open_kept), [layout.language], shown, cancels=running)
        for component in (layout.live, layout.past):
            on(component.judge, _with_data(self._judge), reader, shown)
        for done in (edited, opened):
            self._in_browser(done.then, [], "() => khabar.focusQuestion()")
        self._in_browser(layout.kept.change, [layout.kept], "kept => khabar.keep(kept)")

    def _language_events(self, blocks: "gr.Blocks") -> None:
        """Opening the page and switching its language, which both render everything in that language."""
        layout = self._layout
        everything = [
            *(layout.language, *layout.labelled()),
            *(*self._shown_components(), *self._archive_components()),
        ]
        begin = "() => [khabar.language(), khabar.kept()]"
        switch = "(language, kept) => [khabar.switchLanguage(language), kept]"
        for listener, js in ((blocks.load, begin), (layout.switch.click, switch)):
            shown = self._on(listener, self._show_all, [layout.language, layout.kept], everything, js=js)
            self._in_browser(shown.then, [layout.language], "language => khabar.applyLanguage(language)")

    def _archive_events(self) -> None:
        on, layout = self._on, self._layout
        for listener in (layout.words.submit, layout.find.click):
            on(listener, self._handlers.listing, [layout.words, layout.language], [layout.listing])
        on(layout.listing.turn_to, _with_data(self._turn_to), [layout.language], [layout.listing])
        if layout.read_only:
            return
        one_at_a_time: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "adding"}
        inputs = [layout.files, layout.address, layout.publisher, layout.language]
        outputs = [layout.report, layout.files, layout.address, layout.add]
        added = on(layout.add.click, self._add, inputs, outputs, **one_at_a_time)
        loaded = on(layout.live.sample, self._handlers.add_samples, [layout.language], [layout.live], **one_at_a_time)
        for done in (added, loaded):
            counted = on(done.then, self._archive_updates, [layout.language], self._archive_components())
            on(counted.then, self._refresh, [layout.kept, layout.language], self._shown_components())

    def _shown_components(self) -> list[Any]:
        """The components that `_shown` fills."""
        return [self._layout.past, self._layout.live, self._layout.status, self._layout.kept]

    def _archive_components(self) -> list[Any]:
        """The components that `_archive_updates` fills."""
        return [self._layout.summary, self._layout.listing, self._layout.publishers, self._layout.languages]

    def _in_browser(self, listener: Callable[..., Any], inputs: Sequence[Any], js: str) -> None:
        """Register an event that only the script handles."""
        listener(None, [*inputs], js=js, api_visibility="private")

    def _on(
        self,
        listener: Callable[..., Any],
        fn: Callable[..., Any],
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        **options: Any,  # noqa: ANN401 - what Gradio takes
    ) -> Any:  # noqa: ANN401 - what Gradio gives
        """Register an event of the page, hidden from programs and without Gradio's progress overlay."""
        options.setdefault("concurrency_limit", None)
        return listener(fn, [*inputs], [*outputs], show_progress="hidden", api_visibility="private", **options)

    # -- handlers: from the values of components to their updates --------------------------------------------------

    def _ask_typed(self, question: str, *asking: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - see `_ask`
        """Ask the typed question, and empty the field with the first update."""
        field = ""
        for update in self._ask(question, *asking):
            yield (*update, field)
            field = self._gr.skip()

    def _ask_example(self, data: BrowserData, *asking: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - see `_ask`
        yield from self._ask(data.text("question"), *asking)

    def _ask_again(
        self,
        kept: str,
        language: str,
        *filters: Any,  # noqa: ANN401 - see `_ask`
        dated: bool = True,
    ) -> Iterator[tuple[Any, ...]]:
        before, question = self._handlers.take_back(kept, language)
        yield from self._ask(question, before.kept, language, *filters, dated=dated)

    def _ask_any_date(self, *asking: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - see `_ask`
        yield from self._ask_again(*asking, dated=False)

    def _ask(
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
        """Answer a question; meanwhile the stop button replaces the ask button."""
        gr = self._gr
        if question.strip():
            filters = Filters.model_construct(
                since=(since or "")[:10], until=(until or "")[:10], publishers=tuple(publishers or ()),
                languages=tuple(languages or ()),
            )  # fmt: skip
            buttons = gr.update(visible=False), gr.update(visible=True)
            for view in self._handlers.ask(question, kept, language, filters, dated=dated):
                yield (*self._shown(view), *buttons)
                buttons = (gr.skip(), gr.skip())

    def _enable_asking(self) -> tuple[Any, Any]:
        return self._gr.update(visible=True), self._gr.update(visible=False)

    def _shown(self, view: View) -> list[Any]:
        past = self._gr.skip() if view.past is None else view.past
        return [past, view.live, str(escape(view.status)), view.kept]

    def _edit_last(self, kept: str, language: str) -> tuple[Any, ...]:
        view, question = self._handlers.take_back(kept, language)
        return (*self._shown(view), question)

    def _take_back(self, kept: str, language: str) -> list[Any]:
        return self._shown(self._handlers.take_back(kept, language)[0])

    def _judge(self, data: BrowserData, kept: str, language: str) -> list[Any]:
        index, verdict, reason = data.number("turn"), data.text("verdict"), data.text("reason")
        return self._shown(self._handlers.judge(kept, language, index, verdict, reason))

    def _open_kept(self, data: BrowserData, language: str) -> list[Any]:
        return self._refresh(data.text("kept"), language)

    def _refresh(self, kept: str, language: str) -> list[Any]:
        return self._shown(self._handlers.show(kept, language))

    def _show_all(self, language: str, kept: str) -> list[Any]:
        code = ui_language(language)
        labels = self._layout.label_updates(code)
        return [code, *labels, *self._refresh(kept, code), *self._archive_updates(code)]

    def _archive_updates(self, language: str) -> list[Any]:
        """The summary and the list of the archive, and the choices of the two filters."""
        gr, handlers, code = self._gr, self._handlers, ui_language(language)
        publishers, languages = handlers.choices()
        named_languages = [(language_name(choice, code), choice) for choice in languages]
        return [
            handlers.summary(code), handlers.listing("", code),
            gr.update(choices=publishers, label=ui_text("publishers", code)),
            gr.update(choices=named_languages, label=ui_text("languages", code)),
        ]  # fmt: skip

    def _turn_to(self, data: BrowserData, language: str) -> str:
        return self._handlers.listing("", language, data.number("offset"))

    def _add(self, files: list[str] | None, address: str, publisher: str, language: str) -> Iterator[tuple[Any, ...]]:
        """Add articles; the button is disabled until then, and the fields are emptied at the end."""
        gr = self._gr
        uploads = [(Path(file), Path(file).name) for file in files or ()]
        for markup in self._handlers.add(uploads, address or "", publisher or "", language):
            yield markup, gr.skip(), gr.skip(), gr.update(interactive=False)
        yield gr.skip(), None, "", gr.update(interactive=True)


def _theme(gr: Any) -> Any:  # noqa: ANN401
    """Gradio's plain theme with system fonts, so that none are fetched."""
    fonts = (
        *("system-ui", "Segoe UI", "Noto Sans", "Noto Sans Arabic", "Noto Kufi Arabic", "Geeza Pro", "Tahoma"),
        "sans-serif",
    )
    return gr.themes.Base(
        primary_hue="teal", secondary_hue="teal", neutral_hue="slate", radius_size="md", font=[*fonts],
        font_mono=["ui-monospace", "Consolas", "monospace"],
    )  # fmt: skip


def _head() -> str:
    """The style and the script with its messages."""
    messages = {code: {name: ui_text(name, code) for name in _SCRIPT_MESSAGES} for code in LANGUAGES}
    style, script = (_STATIC.joinpath(name).read_text("utf-8") for name in ("style.css", "script.js"))
    return str(render("head", "en", style=style, script=script, messages=messages))
