"""Which characters the bytes of a text stand for."""

import codecs
import re

_BOMS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 65_536  # bytes looked at: enough letters to tell, little to wait for
_DECLARED = re.compile(rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.I)
# Words of Arabic letters, three in a row at least: windows-1252 text that is read as windows-1256 has single ones.
_ARABIC_RUN = re.compile("[\u0621-\u0652]{3,}")
# What every Arabic text has; Cyrillic that is read as windows-1256 has not.
_ARABIC_WORD = re.compile(r"\b(?:ال\w{2,}|في|من|على|إلى|أن|عن)\b")
# The encodings of the web (the Encoding standard), as Python names them. Others are refused by name: some of Python's
# are no encodings of characters, and some take time by the square of the length (punycode).
_OF_THE_WEB = frozenset(
    "cp866 iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 "
    "iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic cp874 tis-620 iso8859-11 cp1250 "
    "cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 gbk gb2312 gb18030 big5 big5hkscs euc_jp iso2022_jp "
    "shift_jis cp932 euc_kr cp949 ascii cp437 cp720 cp850 cp864".split()
)
_ENOUGH = 100  # bytes beyond ASCII: with fewer, statistics guess


def decode(data: bytes, *, page: bool = False, charset: str = "") -> str:
    """The text of the bytes: by its byte-order mark, else UTF-8, else what the page declares, else what is plausible.

    Args:
        data: a whole file.
        page: it is HTML or XML: a charset declared in its first 4,096 bytes counts.
        charset: what a server said; it counts where the bytes are not UTF-8, before what the page declares.

    Raises:
        ValueError: it is no text.
    """
    text = data.decode(encoding(data, page=page, charset=charset), "replace")
    if "\x00" in text:
        raise ValueError("it is no text: it holds NUL bytes")
    return text


def encoding(data: bytes, *, page: bool = False, charset: str = "") -> str:
    """The name of the encoding of the bytes, which may be the beginning of a file.

    Raises:
        ValueError: it is no text.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    sample = data[:_SAMPLE]
    if b"\x00" in sample:
        return _utf_16(sample)
    if _is_utf_8(data):
        return "utf-8"
    if charset and (said := _known(charset, data)):
        return said
    if page and (declared := _declared(data)):
        return declared
    if sum(byte < 32 and byte not in b"\t\n\r\f\x1a\x1b" for byte in sample) > len(sample) / 50:
        raise ValueError("it is no text: it holds control bytes")
    if _is_utf_8(data, broken=True):
        return "utf-8"
    text = sample.decode("cp1256", "replace")
    high = sum(byte >= 0x80 for byte in sample)
    if sum(map(len, _ARABIC_RUN.findall(text))) > high / 2 and _ARABIC_WORD.search(text):
        return "cp1256"
    return _guessed(sample) if high > _ENOUGH else "cp1252"


def _guessed(sample: bytes) -> str:
    """The encoding whose letters make the likeliest words: of Russian, Korean, Thai ... that say nothing of it."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:8192]).best()
    return best.encoding if best else "cp1252"


def _is_utf_8(data: bytes, *, broken: bool = False) -> bool:
    """Whether the bytes are UTF-8; `broken`: nearly, up to one bad byte in two hundred (cut or glued files)."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # a last character that is cut is no error
    except UnicodeDecodeError:
        if not broken:
            return False
        text = data.decode("utf-8", "replace")
        beyond = sum(character > "\x7f" and character != "\ufffd" for character in text)
        return beyond > 0 and text.count("\ufffd") * 20 < beyond
    return True


def _declared(data: bytes) -> str:
    """The encoding that a page declares, as browsers understand the name; "" for none that is known."""
    match = _DECLARED.search(data[:4096])
    return _known(match[1].decode("ascii"), data) if match else ""


def _known(name: str, data: bytes) -> str:
    """The encoding of that name, as browsers understand it; "" for none of the web; UTF would have been found."""
    try:
        known = codecs.lookup(name[:40].lower()).name
    except (LookupError, ValueError):
        return ""
    if known not in _OF_THE_WEB:
        return ""
    return {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-6": _better_arabic(data)}.get(known, known)


def _better_arabic(data: bytes) -> str:
    """Pages that say ISO 8859-6 are often windows-1256; C1 controls betray it."""
    return "cp1256" if re.search(rb"[\x80-\x9f]", data) else "iso8859-6"


def _utf_16(sample: bytes) -> str:
    """UTF-16 without a mark: the zero bytes of spaces and ASCII stand all at even or all at odd places."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros <= others * 20:
            continue
        text = sample[: len(sample) & ~1].decode(name, "ignore")
        letters = sum(character.isalpha() or character.isspace() for character in text)
        if letters > len(text) * 0.6:
            return name
    raise ValueError("it is no text: it holds NUL bytes")
