"""Example questions, made from the articles of an archive."""

from assistant.page.localization import ui_language, ui_text
from ingest.archive import ALL, Archive, Filter

_QUESTIONS = 3
_NEWEST = 12  # articles of a language that are considered
_LONGEST_TITLE = 110  # characters: two lines of a button


def example_questions(archive: Archive, language: str) -> list[str]:
    """Make up to three questions about articles of the archive, those in the reader's language first.

    Each is in its article's own language, so that the article's words are found in it.
    """
    newest = [*archive.list(Filter(languages=(language,)), limit=_NEWEST), *archive.list(ALL, limit=_NEWEST)]
    titles = {one.title: ui_language(one.language) for one in newest if one.title and len(one.title) <= _LONGEST_TITLE}
    return [
        ui_text("example", code, title=title.rstrip(" .؟?…"))  # the question has a mark of its own
        for title, code in list(titles.items())[:_QUESTIONS]
    ]
