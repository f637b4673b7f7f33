"""Fetch from the web, politely and safely: the one place that opens connections to other people's machines."""

from ingest.fetching.client import LARGEST, Fetched, Fetcher, Manners, unpacked
from ingest.fetching.transport import Network

__all__ = ["LARGEST", "Fetched", "Fetcher", "Manners", "Network", "unpacked"]
