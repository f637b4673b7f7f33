"""The same story on many wires: what an article is looked up by, and whether two articles tell it word for word.

What shares a key is only a candidate: `kinship` compares the words themselves. The same wording with other figures, of
other people or with the sense turned is an update, or another day's report, and no copy.
"""

from ingest.duplicates.compare import Kinship, kinship
from ingest.duplicates.minhash import SIGNATURE, keys

__all__ = ["SIGNATURE", "Kinship", "keys", "kinship"]
