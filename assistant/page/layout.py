"""Lay out the components of the page, with labels in both languages."""

from collections.abc import Callable
from typing import Any

from assistant.page.localization import LANGUAGES, ui_text
from assistant.page.templates import render
from ingest.sources.registry import self_contained_suffixes

_LABELS = (
    *("conversation", "archive", "question", "question_hint", "ask", "stop", "filters", "since_label", "until_label"),
    *("publishers", "languages", "other_language", "add_files", "add_address", "add_publisher", "add_button"),
    *("browse_hint", "find"),
)  # messages that components are labelled with

# Gradio finds a component's events by the quoted names in its script; script.js triggers these.
_EVENT_NAMES = "/* 'ask_this' 'ask_again' 'ask_any_date' 'edit_last' 'take_back' 'judge' 'sample' 'turn_to' */ "
_EVENTS = """
element.addEventListener('click', event => khabar.onClick(event, element, trigger, server));
element.addEventListener('submit', event => khabar.onSubmit(event, trigger));
watch('value', () => khabar.onRender(element));
"""
_SHELF = "khabar.shelf(element, trigger, server); /* 'open_kept' */"
_STATUS = '<p role="status" aria-live="polite">${value}</p>'


class Layout:
    """All components of one page; must be created inside its `Blocks`.

    Args:
        gr: Gradio's module, which takes seconds to import.
        choices: publishers and languages that a search can be limited to.
        open_article: called by the script for the markup of an article.
        export: called by the script for a conversation as Markdown.
        read_only: leaves out the components that add articles.
    """

    def __init__(
        self,
        gr: Any,  # noqa: ANN401 - a module
        choices: tuple[list[str], list[str]],
        open_article: Callable[..., str],
        export: Callable[..., str],
        read_only: bool,
    ) -> None:
        self._gr, self._choices, self._open_article, self._export = gr, choices, open_article, export
        self.read_only = read_only
        self.i18n = gr.I18n(**{code: {name: ui_text(name, code) for name in _LABELS} for code in LANGUAGES})
        self.language = gr.Textbox("en", visible="hidden", elem_id="k-language")
        self.kept = gr.Textbox("", visible="hidden", elem_id="k-kept")
        with gr.Row(elem_id="k-top"):
            gr.HTML(str(render("header", "en")), elem_id="k-brand", padding=False, js_on_load=None)
            self.switch = gr.Button(self.i18n("other_language"), elem_id="k-switch", size="sm", scale=0, min_width=96)
        with gr.Tabs(elem_id="k-tabs"):
            with gr.Tab(self.i18n("conversation"), id="ask", elem_id="k-tab-ask") as self.ask_tab:
                self._conversation()
            with gr.Tab(self.i18n("archive"), id="archive", elem_id="k-tab-archive") as self.archive_tab:
                self._archive()

    def _conversation(self) -> None:
        gr, word = self._gr, self.i18n
        with gr.Row(elem_id="k-columns", equal_height=False):
            with gr.Column(elem_id="k-side", min_width=200, scale=0):
                self.shelf = gr.HTML("", elem_id="k-shelf", padding=False, apply_default_css=False,
                                    js_on_load=_SHELF,
                                    server_functions=[self._export])  # fmt: skip
            with gr.Column(elem_id="k-main", min_width=280):
                self.past = self._markup("k-past")
                self.live = self._markup("k-live")
                with gr.Column(elem_id="k-composer"):
                    self.status = gr.HTML("", elem_id="k-status", padding=False, js_on_load=None,
                                          html_template=_STATUS)  # fmt: skip
                    with gr.Row(elem_id="k-row", equal_height=True):
                        self.question = gr.Textbox(
                            label=word("question"), placeholder=word("question_hint"), show_label=False, lines=1,
                            max_lines=6, scale=1, container=False, elem_id="k-question", max_length=2000,
                            autofocus=True,
                        )  # fmt: skip
                        self.ask = gr.Button(word("ask"), variant="primary", elem_id="k-ask", scale=0, min_width=88)
                        self.stop = gr.Button(word("stop"), variant="stop", elem_id="k-stop", scale=0, min_width=88,
                                              visible=False)  # fmt: skip
                    self._filters()

    def _filters(self) -> None:
        gr, word = self._gr, self.i18n
        publishers, languages = self._choices
        with gr.Accordion(word("filters"), open=False, elem_id="k-filters") as self.filters, gr.Row():
            self.since = gr.Textbox(label=word("since_label"), max_length=10, min_width=140, elem_id="k-since")
            self.until = gr.Textbox(label=word("until_label"), max_length=10, min_width=140, elem_id="k-until")
            self.publishers = gr.Dropdown(publishers, label=word("publishers"), multiselect=True, min_width=180,
                                          elem_id="k-publishers")  # fmt: skip
            self.languages = gr.Dropdown(languages, label=word("languages"), multiselect=True, min_width=140,
                                         elem_id="k-languages")  # fmt: skip

    def _archive(self) -> None:
        gr, word = self._gr, self.i18n
        self.summary = self._markup("k-summary")
        if not self.read_only:
            self.add_title = gr.HTML("", elem_id="k-add-title", padding=False, js_on_load=None)
            with gr.Row(elem_id="k-add"):
                with gr.Column(min_width=260):
                    self.files = gr.File(label=word("add_files"), file_count="multiple",
                                         file_types=self_contained_suffixes(), height=150,
                                         elem_id="k-files")  # fmt: skip
                with gr.Column(min_width=260):
                    self.address = gr.Textbox(label=word("add_address"), max_length=2000, elem_id="k-address")
                    self.publisher = gr.Textbox(label=word("add_publisher"), max_length=200, elem_id="k-publisher")
                    self.add = gr.Button(word("add_button"), variant="primary", elem_id="k-add-button")
            self.report = self._markup("k-report")
        self.browse_title = gr.HTML("", elem_id="k-browse-title", padding=False, js_on_load=None)
        with gr.Row(elem_id="k-browse", equal_height=True):
            self.words = gr.Textbox(label=word("browse_hint"), placeholder=word("browse_hint"), show_label=False,
                                    container=False, max_length=500, elem_id="k-words")  # fmt: skip
            self.find = gr.Button(word("find"), scale=0, min_width=88, elem_id="k-find")
        self.listing = self._markup("k-listing")

    def _markup(self, name: str) -> Any:  # noqa: ANN401
        """A component that shows markup from the server; the script handles the buttons in it."""
        return self._gr.HTML(
            "", elem_id=name, padding=False, apply_default_css=False, js_on_load=_EVENT_NAMES + _EVENTS,
            server_functions=[self._open_article],
        )  # fmt: skip

    def _labels(self) -> list[tuple[Any, dict[str, str]]]:
        """Each component, and the message for each of its labels."""
        labels: list[tuple[Any, dict[str, str]]] = [
            (self.switch, {"value": "other_language"}),
            (self.ask_tab, {"label": "conversation"}),
            (self.archive_tab, {"label": "archive"}),
            (self.question, {"label": "question", "placeholder": "question_hint"}),
            (self.ask, {"value": "ask"}),
            (self.stop, {"value": "stop"}),
            (self.filters, {"label": "filters"}),
            (self.since, {"label": "since_label"}),
            (self.until, {"label": "until_label"}),
            (self.words, {"label": "browse_hint", "placeholder": "browse_hint"}),
            (self.find, {"value": "find"}),
        ]
        if not self.read_only:
            labels += [
                (self.files, {"label": "add_files"}),
                (self.address, {"label": "add_address"}),
                (self.publisher, {"label": "add_publisher"}),
                (self.add, {"value": "add_button"}),
            ]
        return labels

    def labelled(self) -> list[Any]:
        """The components that `label_updates` updates, in the same order."""
        titles = [self.browse_title] if self.read_only else [self.browse_title, self.add_title]
        return [*(component for component, _ in self._labels()), *titles]

    def label_updates(self, language: str) -> list[Any]:
        """Updates with all labels in that language."""
        updates = [
            self._gr.update(**{label: ui_text(message, language) for label, message in labels.items()})
            for _, labels in self._labels()
        ]
        titles = [render("heading", language, title=ui_text("browse", language), hint="")]
        if not self.read_only:
            hint = ui_text("add_hint", language)
            titles.append(render("heading", language, title=ui_text("add", language), hint=hint))
        return [*updates, *map(str, titles)]
