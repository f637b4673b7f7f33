"""Obey robots.txt (RFC 9309): without the file everything may be fetched, while its server fails nothing may."""

import codecs
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from urllib.parse import urlsplit

from protego import Protego

from ingest.errors import FetchError

_LIFETIME = 3600.0  # seconds that rules are cached; RFC 9309 allows a day
_MAX_CACHED = 500  # sites
_USER_AGENT = re.compile(r"\s*user[- ]?agent[\s:](.*)", re.IGNORECASE)


class Robots:
    """The robots.txt rules of each site, fetched when they are first needed and cached.

    Args:
        agent: the name, in lower case, that rules address us by.
        fetch: fetches a robots.txt; returns b"" if there is none.
    """

    def __init__(self, agent: str, fetch: Callable[[str], bytes]) -> None:
        self._agent, self._fetch = agent, fetch
        self._cache: OrderedDict[str, tuple[Protego, float]] = OrderedDict()  # rules, and when they expire
        self._lock = Lock()

    def check(self, url: str) -> float:
        """Return the crawl delay of a URL's site in seconds, 0 if it asks for none.

        Raises:
            FetchError: the site does not allow the URL to be fetched.
        """
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            rules, expires = self._cache.get(site, (None, 0.0))
        if rules is None or time.monotonic() >= expires:
            rules = self._fetch_rules(site, url)
            with self._lock:
                self._cache[site] = rules, time.monotonic() + _LIFETIME
                self._cache.move_to_end(site)
                while len(self._cache) > _MAX_CACHED:
                    self._cache.popitem(last=False)
        if not rules.can_fetch(url, self._agent):
            raise FetchError(url, "the site's robots.txt does not allow it to be fetched")
        return float(rules.crawl_delay(self._agent) or 0)

    def _fetch_rules(self, site: str, url: str) -> Protego:
        try:
            text = self._fetch(f"{site}/robots.txt").removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
        except FetchError as error:
            if error.transient:
                reason = f"the site's robots.txt could not be read ({error.reason})"
                raise FetchError(url, reason, transient=True) from error
            text = ""  # unavailable (403, ...): RFC 9309 treats it as absent
        # The other user agents share one name: a file that names thousands is slow to parse otherwise.
        lines = []
        for line in text.splitlines():
            name = _USER_AGENT.match(line)
            # Ours: "*", or a part of our name.
            is_ours = name and name[1].partition("#")[0].strip(": \t*").lower() in self._agent
            lines.append(line if is_ours or not name else "User-agent: another")
        return Protego.parse("\n".join(lines))
