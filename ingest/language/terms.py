"""The words of a text as lexical search compares them: folded, without function words, stemmed."""

import functools
import re
from collections.abc import Callable

import Stemmer

from ingest.language.fold import folded

_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+")
_ARABIC = re.compile("[\u0620-\u064a]")
_PREFIX = re.compile("^(?:(?:و|ف)?(?:ال|بال|كال|لل)|و(?=.{3}))(?=.{2})")
_FORM = re.compile("^(?:است|مست|يست|تست|مت|يت|تت|ال|ان|ا|ت|ي|ن|م)(?=..)")
_WEAK = re.compile("[اويءه]")
_STOPWORDS = frozenset(
    folded(
        """
        في من على الى عن ان انه انها إن أن التي الذي الذين اللذان اللتان هذا هذه ذلك تلك هو هي هم هما كان كانت
        كانوا يكون تكون قد لقد ما ماذا متى اين أين كيف كم هل لماذا لم لن لا ليس ليست و او أو ثم بل لكن حتى اذا
        إذا كل بعض مع بعد قبل بين عند عندما حيث كما مما عما فيما به بها له لها لهم فيه فيها منه منها عليه
        عليها اليه اليها لدى منذ خلال ضمن غير اي أي ايضا وقد وكان وكانت وفي ومن وعلى الذى التى تم يتم سوف حول
        ضد دون نحو أمام وهو وهي انهم وان بأن بان لان لأن كانا يا أما إما ولم ولا ولكن ذات اسم هناك
        ماهو ماهي ماهى ماهم بماذا وماذا بكم لمن ممن ومتى واين وكيف وهل يوجد توجد اذكر ال
        the a an of in on at to for from by with and or but as is are was were be been being it its this that
        these those which who whom whose what when where why how do does did has have had will would can could
        should may might not no he she they we you i his her their our your my him them us me there then than
        so if into about many much after before between during over under up down out off s t
        """
    ).split()
)
_STEMMED = {"ar": "arabic", "en": "english", "fr": "french", "de": "german", "es": "spanish", "it": "italian",
            "pt": "portuguese", "nl": "dutch", "tr": "turkish", "ru": "russian"}  # fmt: skip


def words(text: str) -> list[str]:
    """The folded words and numbers of a text, in order: "1,500.5" is one."""
    return _WORD.findall(folded(text))


def terms(text: str, language: str = "en") -> list[str]:
    """The words of a text as lexical search compares them, in order.

    Arabic words are stemmed as Arabic in a text of any language, others by the language of the text.
    """
    arabic, other = _stem("ar"), _stem(language if language in _STEMMED and language != "ar" else "en")
    return [(arabic if _ARABIC.match(word) else other)(word) for word in words(text) if word not in _STOPWORDS]


@functools.lru_cache(maxsize=100_000)
def root(term: str) -> str:
    """What is left of an Arabic term without the letters that its forms add: «تراس», «رياس» and «رييس» are «رس».

    Far coarser than a stem, for asking whether two words may be kin; a term that is not Arabic is its own root.
    """
    if not _ARABIC.match(term):
        return term
    bare = _WEAK.sub("", _FORM.sub("", term))
    return bare if len(bare) > 1 else term


@functools.cache
def _stem(language: str) -> Callable[[str], str]:
    stemmer = Stemmer.Stemmer(_STEMMED[language])

    @functools.lru_cache(maxsize=100_000)
    def stem(word: str) -> str:
        if language == "ar":
            word = _PREFIX.sub("", word)
        return str(stemmer.stemWord(word))

    return stem
