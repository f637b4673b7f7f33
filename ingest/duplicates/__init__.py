"""The same story on many wires: what an article is looked up by, and whether two articles tell it word for word.

What shares a key is only a candidate: `relation` compares the words themselves. The same wording with other figures, of
other people or with the sense turned is an update, or another day's report, and no copy.
"""

from ingest.duplicates.compare import Relation, relation
from ingest.duplicates.minhash import KEYS_VERSION, lookup_keys

__all__ = ["KEYS_VERSION", "Relation", "lookup_keys", "relation"]
