"""Fetch from the web, politely and safely: the only package that opens connections to other people's machines."""

from ingest.fetching.client import MAX_RESPONSE_BYTES, Fetcher, FetchOptions, FetchResult
from ingest.fetching.decompress import gunzip
from ingest.fetching.transport import Network

__all__ = ["MAX_RESPONSE_BYTES", "FetchOptions", "FetchResult", "Fetcher", "Network", "gunzip"]
