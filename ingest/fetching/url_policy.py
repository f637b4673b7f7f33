"""Decide which URLs may be fetched: http and https on the public internet, and nothing that is disguised as that.

A numeric host must be written in its standard form. A host name is judged by the addresses it resolves to, at the
moment of the connection (see `transport`).
"""

import re
import unicodedata
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

import httpx

from ingest.errors import FetchError

_WEB_PORTS = frozenset({80, 443, 8000, 8008, 8080, 8443, 8888})  # other ports are likely other services
# Top-level names that no public name server resolves: RFC 6761, 6762, 7686, 8375 and ICANN's reservation.
_PRIVATE_SUFFIXES = tuple(
    f".{name}" for name in "localhost local internal intranet lan home corp private onion home.arpa".split()
)
_NUMBER = re.compile(r"0x[0-9a-f]*|\d+")
_INVALID = re.compile(r"[\s\\<>\"^`{|}\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_MAX_URL = 4000  # characters; browsers stop at a few thousand more
_MAX_HOST = 253  # characters, the limit of DNS

# The IANA special-purpose registries, written out because the lists of `ipaddress` differ between Python versions.
_SPECIAL_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 "
        "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32"  # the last: the metadata service of a cloud
    ).split()
)
# What --allow-private allows: home and company networks, and this machine. Never link-local addresses, where clouds
# serve the keys of their machines (metadata services), nor multicast and reserved addresses.
_PRIVATE_4 = tuple(map(IPv4Network, "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16".split()))
_PRIVATE_6 = tuple(map(IPv6Network, "::1/128 fc00::/7".split()))
# Metadata services of clouds that lie inside these networks.
_METADATA = frozenset(map(ip_address, "fd00:ec2::254 fd20:ce::254 100.100.100.200".split()))
_GLOBAL_6 = IPv6Network("2000::/3")  # all that is assigned; the rest is local, multicast, mapped or unassigned
_SPECIAL_6 = tuple(
    IPv6Network(text)  # protocol assignments with Teredo and ORCHID, documentation, 6to4, AS112, documentation
    for text in "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20".split()
)
_NAT64 = ip_network("64:ff9b::/96")


def check_url(url: str, *, allow_private: bool = False) -> str:
    """Check a URL; return it normalised: the host in ASCII, without a fragment.

    Args:
        url: as a person typed it, or as a page or a redirect states it.
        allow_private: hosts of private networks, this machine and all ports are allowed too.

    Raises:
        FetchError: the URL may not be fetched; the message says why.
    """
    text = url.strip()
    if len(text) > _MAX_URL:
        raise FetchError(text[:80] + "...", f"the address has {len(text):,} characters; at most {_MAX_URL:,} may")
    if _INVALID.search(text):
        raise FetchError(url, "not a valid address: it contains characters that are not allowed")
    try:
        parts = urlsplit(text)
        port, name = parts.port, parts.hostname or ""
    except ValueError as error:
        raise FetchError(url, f"not a valid address: {error}") from error
    if parts.scheme.lower() not in ("http", "https"):
        raise FetchError(url, f"{parts.scheme or 'this'} is not fetched; only http and https are")
    if "@" in parts.netloc:
        raise FetchError(url, "an address with a user name is not fetched; write it without the user name")
    host = _ascii_host(url, name, bracketed="[" in parts.netloc)
    if port is not None and port not in _WEB_PORTS and not allow_private:
        raise FetchError(url, f"port {port} is not a usual port of web servers; --allow-private allows it")
    address = _ip_address(host)
    if address and (reason := refusal(address, allow_private=allow_private)):
        raise FetchError(url, reason)
    if not address and not allow_private and ("." not in host or host.endswith(_PRIVATE_SUFFIXES)):
        raise FetchError(url, f"{host!r} is a name of a private network; it is not fetched without --allow-private")
    netloc = f"[{host}]" if isinstance(address, IPv6Address) else host
    if port is not None:
        netloc = f"{netloc}:{port}"
    try:
        return str(httpx.URL(parts._replace(scheme=parts.scheme.lower(), netloc=netloc, fragment="").geturl()))
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(url, f"not a valid address: {error}") from error


def _ascii_host(url: str, name: str, *, bracketed: bool) -> str:
    """The host in ASCII; an IPv6 address without its brackets."""
    if bracketed:
        try:
            address = ip_address(name)
        except ValueError as error:
            raise FetchError(url, f"not a valid address: {error}") from error
        if not isinstance(address, IPv6Address) or address.scope_id is not None:
            raise FetchError(url, "not a valid address: the brackets do not hold an IPv6 address")
        return str(address)
    if len(name) > _MAX_HOST:
        raise FetchError(url, f"a host name of {len(name):,} characters; at most {_MAX_HOST} are allowed")
    host = unicodedata.normalize("NFKC", name).lower()
    if not host.isascii():
        try:
            host = httpx.URL(f"http://{host}/").raw_host.decode("ascii")
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchError(url, f"not a valid address: {error}") from error
    host = host.removesuffix(".")
    labels = host.split(".")
    if not re.fullmatch(r"[a-z0-9_.-]{1,253}", host) or not all(0 < len(label) < 64 for label in labels):
        raise FetchError(url, f"{name!r} is not a host name")
    last = unicodedata.normalize("NFKC", name).removesuffix(".").rpartition(".")[2]
    if (_NUMBER.fullmatch(labels[-1]) or last.isdigit()) and not _ip_address(host):
        raise FetchError(url, f"{name!r} is a number, but not an IP address in its standard form")
    return host


def _ip_address(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is written as; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def refusal(address: IPv4Address | IPv6Address, *, allow_private: bool = False) -> str:
    """Return why an IP address may not be connected to; "" if it may.

    An IPv4 address inside an IPv6 address is judged as itself.

    Args:
        address: the address.
        allow_private: private networks and this machine are allowed besides the public internet.
    """
    if _is_public(address):
        return ""
    if not _is_private(address):
        return f"{address} is neither a public address nor one of a private network; it is never fetched"
    return "" if allow_private else f"{address} is not a public address; it is not fetched without --allow-private"


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    embedded = _embedded(address)
    if embedded is not None:
        return _is_public(embedded)
    low = int(address) & 0xFFFFFFFFFFFFFFFF
    if low >> 32 in (0x5EFE, 0x02005EFE) and not _is_public(IPv4Address(low & 0xFFFFFFFF)):  # ISATAP
        return False
    return address.scope_id is None and address in _GLOBAL_6 and not any(address in network for network in _SPECIAL_6)


def _is_private(address: IPv4Address | IPv6Address) -> bool:
    if address in _METADATA:
        return False
    if isinstance(address, IPv4Address):
        return any(address in network for network in _PRIVATE_4)
    embedded = _embedded(address)
    if embedded is not None:
        return _is_private(embedded)
    return address.scope_id is None and any(address in network for network in _PRIVATE_6)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for; None for most."""
    if address in _NAT64:  # translates from networks without IPv4 to servers that have nothing else
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
