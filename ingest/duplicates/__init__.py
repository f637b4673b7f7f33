"""Near-duplicates: the keys that find an article's candidates, and how two articles are related.

Articles that share a key are only candidates: `relation` compares their words. The same wording with other figures,
about other people or with the opposite sense is an update or another day's report, not a copy.
"""

from ingest.duplicates.compare import Relation, relation
from ingest.duplicates.minhash import KEYS_VERSION, lookup_keys

__all__ = ["KEYS_VERSION", "Relation", "lookup_keys", "relation"]
