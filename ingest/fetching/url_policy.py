"""Which addresses may be asked: http and https on the public internet, and nothing that pretends to be that.

A host that is written in numbers must be written plainly; what a name stands for is judged when it was resolved, on the
very address that is connected to (see `transport`).
"""

import re
import unicodedata
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

import httpx

from ingest.errors import FetchError

_PORTS = frozenset({80, 443, 8000, 8008, 8080, 8443, 8888})  # where web servers listen; others are other services
# RFC 6761, 6762, 7686, 8375 and ICANN's reservation: names that no public name server answers.
_OWN_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "onion", "home.arpa")
_NUMBER = re.compile(r"0x[0-9a-f]*|\d+")
_ODD = re.compile(r"[\s\\<>\"^`{|}\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_LONGEST = 4000  # characters; browsers stop at some thousand more
_LONGEST_HOST = 253  # characters, as the name system has it

# The IANA special-purpose registries, written out: the ipaddress module's own lists differ between Python versions.
_CLOSED_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 "
        "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32"  # the last: the metadata service of a cloud
    ).split()
)
# What --allow-private opens: the networks of a house or a firm, and this machine. Never link-local addresses, where the
# metadata services of clouds hold their keys, nor what is no host at all.
_PRIVATE_4 = tuple(map(IPv4Network, "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16".split()))
_PRIVATE_6 = tuple(map(IPv6Network, "::1/128 fc00::/7".split()))
# Metadata services of clouds inside these networks.
_METADATA = frozenset(map(ip_address, "fd00:ec2::254 fd20:ce::254 100.100.100.200".split()))
_OPEN_6 = IPv6Network("2000::/3")  # all that is given out; the rest is local, multicast, mapped or unassigned
_CLOSED_6 = tuple(
    IPv6Network(text)  # protocol assignments with Teredo and ORCHID, documentation, 6to4, AS112, documentation
    for text in "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20".split()
)
_NAT64 = ip_network("64:ff9b::/96")


def checked(url: str, *, private: bool = False) -> str:
    """The address as it may be asked for: its host in ASCII, without a fragment.

    Args:
        url: as it was typed, or as a page or a redirect names it.
        private: hosts of one's own network and this machine, and all ports, are allowed.

    Raises:
        FetchError: it must not be asked, for a person to read why.
    """
    text = url.strip()
    if len(text) > _LONGEST:
        raise FetchError(text[:80] + "...", f"an address of {len(text):,} characters")
    if _ODD.search(text):
        raise FetchError(url, "no address: it holds characters that none holds")
    try:
        parts = urlsplit(text)
        port, name = parts.port, parts.hostname or ""
    except ValueError as error:
        raise FetchError(url, f"no address: {error}") from error
    if parts.scheme.lower() not in ("http", "https"):
        raise FetchError(url, f"{parts.scheme or 'this'} is not fetched; only http and https are")
    if "@" in parts.netloc:
        raise FetchError(url, "an address with a user name in it is not fetched; write it without")
    host = _host(url, name, bracketed="[" in parts.netloc)
    if port is not None and port not in _PORTS and not private:
        raise FetchError(url, f"port {port} is not one of web servers; --allow-private allows it")
    address = _literal(host)
    if address and (why := closed(address, private=private)):
        raise FetchError(url, why)
    if not address and not private and _is_own_name(host):
        raise FetchError(url, f"{host!r} is a name of the own network; it is not fetched without --allow-private")
    shown = f"[{host}]" if isinstance(address, IPv6Address) else host
    netloc = shown if port is None else f"{shown}:{port}"
    try:
        return str(httpx.URL(parts._replace(scheme=parts.scheme.lower(), netloc=netloc, fragment="").geturl()))
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(url, f"no address: {error}") from error


def _host(url: str, name: str, *, bracketed: bool) -> str:
    """The host in ASCII; an IPv6 address without its brackets."""
    if bracketed:
        try:
            address = ip_address(name)
        except ValueError as error:
            raise FetchError(url, f"no address: {error}") from error
        if not isinstance(address, IPv6Address) or address.scope_id is not None:
            raise FetchError(url, "no address of the internet stands in these brackets")
        return str(address)
    if len(name) > _LONGEST_HOST:
        raise FetchError(url, f"a name of {len(name):,} characters is no name of a host")
    host = unicodedata.normalize("NFKC", name).lower()
    if not host.isascii():
        try:
            host = httpx.URL(f"http://{host}/").raw_host.decode("ascii")
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchError(url, f"no address: {error}") from error
    host = host.removesuffix(".")
    labels = host.split(".")
    if not re.fullmatch(r"[a-z0-9_.-]{1,253}", host) or not all(0 < len(label) < 64 for label in labels):
        raise FetchError(url, f"{name!r} is no name of a host")
    last = unicodedata.normalize("NFKC", name).removesuffix(".").rpartition(".")[2]
    if (_NUMBER.fullmatch(labels[-1]) or last.isdigit()) and not _literal(host):
        raise FetchError(url, f"{name!r} is a number that is not written as an address is")
    return host


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is written as; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_own_name(host: str) -> bool:
    return "." not in host or host.endswith(tuple("." + name for name in _OWN_NAMES))


def closed(address: IPv4Address | IPv6Address, *, private: bool = False) -> str:
    """Why an address must not be connected to, "" if it may; those inside others count as they do.

    Args:
        address: a number.
        private: private networks and this machine are allowed besides the public internet.
    """
    if _is_public(address):
        return ""
    if not _is_private(address):
        return f"{address} is no public address, nor one of a private network; it is never fetched"
    return "" if private else f"{address} is no public address; it is not fetched without --allow-private"


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    inner = _inner(address)
    if inner is not None:
        return _is_public(inner)
    low = int(address) & 0xFFFFFFFFFFFFFFFF
    if low >> 32 in (0x5EFE, 0x02005EFE) and not _is_public(IPv4Address(low & 0xFFFFFFFF)):  # ISATAP
        return False
    return address.scope_id is None and address in _OPEN_6 and not any(address in network for network in _CLOSED_6)


def _is_private(address: IPv4Address | IPv6Address) -> bool:
    if address in _METADATA:
        return False
    if isinstance(address, IPv4Address):
        return any(address in network for network in _PRIVATE_4)
    inner = _inner(address)
    if inner is not None:
        return _is_private(inner)
    return address.scope_id is None and any(address in network for network in _PRIVATE_6)


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The address of the older internet that an address stands for; None for most."""
    if address in _NAT64:  # the way from a network without IPv4 to all that has only that
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
