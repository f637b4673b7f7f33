"""Numbers in digits."""

import hashlib
import re
from decimal import Decimal

NUMBER = r"\d+(?:[.,]\d+)*"
"""A number in digits, as a regular expression."""
_GROUPS_AND_FRACTION = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")  # 1,500,000.5
_GROUPS_WITH_POINTS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")  # 1.500.000
_MAX_DIGITS = 24  # of a number with an exact value: decimals are exact to 28


def digits_value(token: str) -> Decimal | None:
    """The value of a folded number in digits, with or without a minus; None if it is no number.

    Commas and points group thousands or begin a fraction: "1,500" and "1.500.000" are whole numbers, "1,5" is not.
    """
    unsigned = token.removeprefix("-")
    if not re.fullmatch(NUMBER, unsigned):
        return None
    if _GROUPS_AND_FRACTION.fullmatch(unsigned):
        value = _value(unsigned.replace(",", ""))
    elif _GROUPS_WITH_POINTS.fullmatch(unsigned):
        value = _value(unsigned.replace(".", ""))
    elif unsigned.count(".") + unsigned.count(",") > 1:  # a version or an address: a number that no other text has
        value = _value(re.sub("[.,]", "", unsigned) + "00000")
    else:
        value = _value(unsigned.replace(",", ".")).normalize()
    return -value if token.startswith("-") else value


def _value(digits: str) -> Decimal:
    """The value of digits with at most one point.

    A number too long for an exact value, such as a serial number, gets the value of its hash: it equals only itself.
    """
    whole, _, fraction = digits.partition(".")
    if len(whole) > _MAX_DIGITS:
        return Decimal(int.from_bytes(hashlib.blake2b(digits.encode(), digest_size=9).digest()))
    return Decimal(f"{whole}.{fraction[:_MAX_DIGITS]}")
