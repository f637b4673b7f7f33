"""Find near-duplicates: `lookup_keys` finds candidates, and `relation` compares two of them.

The same wording with different figures, about other people or with the opposite sense is an update or another day's
report, not a copy.
"""

from ingest.duplicates.compare import Relation, relation
from ingest.duplicates.minhash import KEYS_VERSION, lookup_keys

__all__ = ["KEYS_VERSION", "Relation", "lookup_keys", "relation"]
