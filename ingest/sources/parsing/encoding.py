"""Detect the character encoding of a text: its byte-order mark, UTF-8, what is declared, and then statistics."""

import codecs
import re

from ingest.language.data import language
from ingest.sources.parsing.source_words import SourceWords

_BOMS = (  # UTF-32 before UTF-16, whose mark begins the same
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 65_536  # bytes that statistics look at
_DECLARED = re.compile(rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.I)
# Runs of three Arabic letters or more: windows-1252 text decoded as windows-1256 has single ones.
_ARABIC_RUN = re.compile("[\u0621-\u0652]{3,}")
# Encodings of the Encoding standard, by Python's names. Others are ignored if they are declared: some of Python's
# codecs do not decode text, and some take time that grows with the square of the length (punycode).
_WEB_ENCODINGS = frozenset(
    "cp866 iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 "
    "iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic cp874 tis-620 iso8859-11 cp1250 "
    "cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 gbk gb2312 gb18030 big5 big5hkscs euc_jp iso2022_jp "
    "shift_jis cp932 euc_kr cp949 ascii cp437 cp720 cp850 cp864".split()
)
_MIN_NON_ASCII = 100  # bytes beyond ASCII; with fewer, statistics are a guess


def decode(data: bytes, *, markup: bool = False, charset: str = "") -> str:
    """Decode a text: by its byte-order mark, else as UTF-8, else by the declared encoding, else by a plausible one.

    Args:
        data: the whole text.
        markup: it is HTML or XML, so an encoding declared in its first 4,096 bytes counts.
        charset: as a server stated it; if the bytes are not UTF-8 it counts, before the one that the text declares.

    Raises:
        ValueError: the bytes are not text.
    """
    text = data.decode(detect_encoding(data, markup=markup, charset=charset), "replace")
    if "\x00" in text:
        raise ValueError("not a text: it contains NUL bytes")
    return text


def detect_encoding(data: bytes, *, markup: bool = False, charset: str = "") -> str:
    """Return the name of the encoding of a text, or of its beginning; the arguments are those of `decode`.

    Raises:
        ValueError: the bytes are not text.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    sample = data[:_SAMPLE]
    if b"\x00" in sample:
        return _utf_16(sample)
    if _is_utf_8(data):
        return "utf-8"
    if charset and (stated := _web_encoding(charset, data)):
        return stated
    if markup and (match := _DECLARED.search(data[:4096])) and (declared := _web_encoding(match[1].decode(), data)):
        return declared
    if sum(byte < 32 and byte not in b"\t\n\r\f\x1a\x1b" for byte in sample) > len(sample) / 50:
        raise ValueError("not a text: it contains control bytes")
    if _is_utf_8(data, tolerant=True):
        return "utf-8"
    text, arabic = sample.decode("cp1256", "replace"), language("ar")
    high = sum(byte >= 0x80 for byte in sample)
    # Cyrillic in windows-1251 has runs of such letters too, but none of the words that every Arabic text has.
    if arabic and sum(map(len, _ARABIC_RUN.findall(text))) > high / 2:
        if arabic.topic(SourceWords).telltale.search(text):
            return "cp1256"
    if high <= _MIN_NON_ASCII:
        return "cp1252"
    # Russian, Korean, Thai and so on, without a declaration.
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:8192]).best()
    return best.encoding if best else "cp1252"


def _is_utf_8(data: bytes, *, tolerant: bool = False) -> bool:
    """Whether the bytes are UTF-8; `tolerant`: one in twenty characters beyond ASCII may be damaged (cut files)."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # a character that is cut at the end is fine
    except UnicodeDecodeError:
        if not tolerant:
            return False
        text = data.decode("utf-8", "replace")
        valid = sum(character > "\x7f" and character != "\ufffd" for character in text)
        return valid > 0 and text.count("\ufffd") * 20 < valid
    return True


def _web_encoding(name: str, data: bytes) -> str:
    """The encoding that browsers use for a declared name; "" for an unknown name, and for UTF, which is detected."""
    try:
        encoding_name = codecs.lookup(name[:40].lower()).name
    except (LookupError, ValueError):
        return ""
    if encoding_name not in _WEB_ENCODINGS:
        return ""
    if encoding_name in ("iso8859-1", "ascii"):
        return "cp1252"
    if encoding_name == "iso8859-6" and re.search(rb"[\x80-\x9f]", data):  # control characters there: windows-1256
        return "cp1256"
    return encoding_name


def _utf_16(sample: bytes) -> str:
    """UTF-16 without a mark: the zero bytes of spaces and ASCII are all at even or all at odd offsets."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros <= others * 20:
            continue
        text = sample[: len(sample) & ~1].decode(name, "ignore")
        letters = sum(character.isalpha() or character.isspace() for character in text)
        if letters > len(text) * 0.6:
            return name
    raise ValueError("not a text: it contains NUL bytes")
