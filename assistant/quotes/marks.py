"""What stands between quotation marks, of every kind that Arabic and English use, and what outside."""

from collections.abc import Iterator

from ingest.text import one_line

_PAIRS = {"«": "»", "“": "”", "„": "“”", "‹": "›", "「": "」", "《": "》", '"': '"', "‘": "’", "＂": "＂", "'": "'"}


def quoted_words(statement: str) -> Iterator[tuple[int, int, str]]:
    """What a statement puts between quotation marks: start and end with the marks, and the words between them."""
    place = 0
    while place < len(statement):
        closing = _PAIRS.get(statement[place])
        if closing and _opens(statement, place):
            end = next(
                (at for at in range(place + 1, len(statement)) if statement[at] in closing and _closes(statement, at)),
                -1,
            )
            if end > place + 1:
                yield place, end + 1, statement[place + 1 : end]
                place = end
        place += 1


def unquoted(statement: str) -> str:
    """The words of a statement that stand outside its quotation marks; "" if there are none."""
    place, pieces = 0, list[str]()
    for start, end, _ in quoted_words(statement):
        pieces.append(statement[place:start])
        place = end
    rest = one_line(" ".join([*pieces, statement[place:]]))
    return rest if any(character.isalnum() for character in rest) else ""


def _opens(text: str, place: int) -> bool:
    """An apostrophe inside or behind a word opens nothing."""
    return text[place] not in "'‘\"" or not text[place - 1 : place].isalnum() or place == 0


def _closes(text: str, place: int) -> bool:
    return text[place] not in "'’" or not text[place + 1 : place + 2].isalnum()
