"""Questions that an archive can be asked first, made from what it holds."""

from assistant.page.localization import said
from ingest.archive import ALL, Archive, Filter
from ingest.article import Article

COUNT = 3
_LOOKED = 12  # newest articles of a language
_LONGEST = 110  # characters of a title: two lines of a button


def examples(archive: Archive, language: str) -> list[str]:
    """Three questions about articles of the archive, those in the reader's language first; fewer if it has fewer."""
    wanted = [*archive.list(Filter(languages=(language,)), limit=_LOOKED), *archive.list(ALL, limit=_LOOKED)]
    titles = {one.title: one for one in wanted if one.title and len(one.title) <= _LONGEST}
    return [_question(one) for one in list(titles.values())[:COUNT]]


def _question(article: Article) -> str:
    """A question in the article's own language, so that its words are found in it."""
    return said("example", "ar" if article.language == "ar" else "en", title=article.title.rstrip(" .؟?…"))
