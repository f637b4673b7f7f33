"""Example questions, made from the articles of an archive."""

from assistant.page.localization import ui_language, ui_text
from ingest.archive import ALL, Archive, Filter

_QUESTIONS = 3
_NEWEST = 12  # newest articles considered, in the reader's language and in all
_MAX_TITLE = 110  # characters: two lines of a button


def example_questions(archive: Archive, language: str) -> list[str]:
    """Make up to three questions about articles of the archive, those in the reader's language first.

    A question is in the language of its article, so that it shares the article's words.
    """
    newest = [*archive.list(Filter(languages=(language,)), limit=_NEWEST), *archive.list(ALL, limit=_NEWEST)]
    titled = [article for article in newest if article.title and len(article.title) <= _MAX_TITLE]
    languages = {article.title: ui_language(article.language) for article in titled}
    return [
        ui_text("example", code, title=title.rstrip(" .؟?…"))  # the message adds its own question mark
        for title, code in list(languages.items())[:_QUESTIONS]
    ]
