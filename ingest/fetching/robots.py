"""What robots.txt lets us fetch, as RFC 9309 has it: no file allows everything, a server in trouble nothing."""

import codecs
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from urllib.parse import urlsplit

from protego import Protego

from ingest.errors import FetchError

_KEPT = 3600.0  # seconds; RFC 9309 allows a day
_HOSTS = 500  # the rules of so many are kept
_NAMED = re.compile(r"\s*user[- ]?agent[\s:](.*)", re.IGNORECASE)


class Robots:
    """The rules of the hosts that were met.

    Args:
        agent: the name that rules are looked for under.
        read: fetches a robots.txt: its bytes, as many as count; b"" where there is none.
    """

    def __init__(self, agent: str, read: Callable[[str], bytes]) -> None:
        self._agent, self._read = agent, read
        self._known: OrderedDict[str, tuple[Protego, float]] = OrderedDict()
        self._lock = Lock()

    def check(self, url: str) -> float:
        """Seconds that the host wants between two requests, 0 if it does not say.

        Raises:
            FetchError: it does not want this address fetched.
        """
        rules = self._rules(url)
        if not rules.can_fetch(url, self._agent):
            raise FetchError(url, "the site's robots.txt does not allow it to be fetched")
        return float(rules.crawl_delay(self._agent) or 0)

    def _parsed(self, data: bytes) -> Protego:
        """The rules for us and for everybody; the names of others are one, however many there are."""
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
        named = ((line, _NAMED.match(line)) for line in text.splitlines())
        lines = ["User-agent: another" if name and not self._means_us(name[1]) else line for line, name in named]
        return Protego.parse("\n".join(lines))

    def _means_us(self, name: str) -> bool:
        """Whether a name of robots.txt is ours, a part of it, or everybody's."""
        return name.partition("#")[0].strip(": \t*").lower() in self._agent

    def _rules(self, url: str) -> Protego:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            rules, until = self._known.get(site, (None, 0.0))
        if rules is not None and time.monotonic() < until:
            return rules
        try:
            rules, kept = self._parsed(self._read(f"{site}/robots.txt")), _KEPT
        except FetchError as error:
            if not error.transient:  # forbidden or elsewhere: RFC 9309 takes it for none
                rules, kept = Protego.parse(""), _KEPT
            else:
                raise FetchError(
                    url, f"the site's robots.txt could not be read ({error.reason})", transient=True
                ) from error
        with self._lock:
            self._known[site] = rules, time.monotonic() + kept
            self._known.move_to_end(site)
            while len(self._known) > _HOSTS:
                self._known.popitem(last=False)
        return rules
