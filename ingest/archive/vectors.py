"""The vectors of one archive, in a Chroma collection: embedded in the archive's folder, or on a Chroma server.

Chroma's index files carry no checksums, and a torn one crashes the process that reads it (measured with 1.5.9:
a truncated `data_level0.bin` is a segmentation fault). So `whole` looks at the files before Chroma does.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from ingest.archive.storage_errors import FULL, is_full
from ingest.embedding import Vectors
from ingest.errors import ArchiveDamaged, ArchiveError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

# Of the true nearest 100 of 9,051 real passages Chroma's own setting finds 94.4 % in 1.9 ms, this one 99.6 % in 2.4 ms.
INDEX: "CreateHNSWConfiguration" = {"space": "cosine", "ef_search": 200, "ef_construction": 200, "max_neighbors": 32}
# What is in Chroma's message where the disk is full; where its index could not be saved the message does not say why.
_FULL_DISK = ("(code: 13)", "is full", "No space left", "os error 28")
_INDEX_FILES = ("header.bin", "length.bin", "data_level0.bin", "link_lists.bin", "index_metadata.pickle")

Metadata = Mapping[str, str | int | float | bool | None]


class VectorStore:
    """One collection of vectors; a vector's id is its point's key.

    Args:
        folder: of the embedded Chroma.
        server: the address of a Chroma server, which is used instead; "" for none.
        collection: its name.
        create: make the collection if there is none.

    Raises:
        ArchiveDamaged: the collection is missing, or its files are torn.
        ArchiveError: the server does not answer.
    """

    def __init__(self, folder: Path, server: str, collection: str, *, create: bool) -> None:
        self._folder = folder
        self._server = server
        self.place = server or str(folder)
        if not server and not create and not (folder / "chroma.sqlite3").exists():
            raise ArchiveDamaged(self._damage("its files are missing"))
        if not server and not whole(folder):
            raise ArchiveDamaged(self._damage("index files are torn or missing"))
        with self._told():
            self._client = self._connect()
        try:
            with self._told():
                self._collection = self._get(collection, create)
                self._batch: int = self._client.get_max_batch_size()
        except BaseException:
            self.close()
            raise

    def _connect(self) -> "ClientAPI":
        import chromadb  # 1.5 s
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False, allow_reset=False)
        if not self._server:
            try:
                return chromadb.PersistentClient(str(self._folder), settings=settings)
            except BaseException:
                _forget_client(str(self._folder))
                raise
        parts = urlsplit(self._server)
        port = parts.port or (443 if parts.scheme == "https" else 8000)
        return chromadb.HttpClient(parts.hostname or "", port, ssl=parts.scheme == "https", settings=settings)

    def _get(self, name: str, create: bool) -> "Collection":
        if create:
            return self._client.get_or_create_collection(
                name,
                embedding_function=None,
                configuration={"hnsw": INDEX},
            )
        from chromadb.errors import NotFoundError

        try:
            return self._client.get_collection(name, embedding_function=None)
        except NotFoundError:
            raise ArchiveDamaged(self._damage("the collection is missing")) from None

    def close(self) -> None:
        """Let Chroma go: its client is shared within a process until the last one for a folder is closed."""
        self._client.close()  # type: ignore[attr-defined]
        if self._server:  # Chroma 1.5.9 leaves the connections of both of its clients open
            clients: tuple[Any, ...] = (self._client, self._client._admin_client)  # type: ignore[attr-defined]
            for client in clients:
                client._server._session.close()

    def upsert(self, keys: Sequence[int], vectors: Vectors, metadata: Sequence[Metadata]) -> None:
        """Store vectors: shape (len(keys), dimension)."""
        with self._told():
            for part in _parts(len(keys), self._batch):
                self._collection.upsert(
                    ids=[str(key) for key in keys[part]], embeddings=vectors[part], metadatas=list(metadata[part])
                )

    def describe(self, keys: Sequence[int], metadata: Metadata) -> None:
        """Add to what is kept with vectors."""
        with self._told():
            for part in _parts(len(keys), self._batch):
                ids = [str(key) for key in keys[part]]
                self._collection.update(ids=ids, metadatas=[dict(metadata)] * len(ids))

    def delete(self, keys: Sequence[int]) -> None:
        """Forget vectors; those that are not there don't matter."""
        with self._told():
            for part in _parts(len(keys), self._batch):
                self._collection.delete(ids=[str(key) for key in keys[part]])

    def nearest(self, vector: Vectors, limit: int, where: dict[str, Any] | None) -> list[tuple[int, float]]:
        """The keys nearest to a vector, and their cosines, best first."""
        query = np.asarray(vector, dtype=np.float32)[None]
        with self._told():
            found = self._collection.query(query_embeddings=query, n_results=limit, where=where, include=["distances"])
        distances = found["distances"]
        assert distances is not None  # noqa: S101 - they were asked for
        return [(int(key), 1.0 - distance) for key, distance in zip(found["ids"][0], distances[0], strict=True)]

    def vectors(self, keys: Sequence[int]) -> dict[int, Vectors]:
        """The vectors of these keys, without those that are not there; 100 take Chroma 7 to 10 ms."""
        if not keys:
            return {}  # Chroma would give all
        with self._told():
            found = self._collection.get(ids=[str(key) for key in keys], include=["embeddings"])
        embeddings = found["embeddings"]
        assert embeddings is not None  # noqa: S101 - they were asked for
        return {int(key): np.asarray(one, np.float32) for key, one in zip(found["ids"], embeddings, strict=True)}

    def count(self) -> int:
        """How many vectors there are."""
        with self._told():
            return int(self._collection.count())

    def keys(self) -> set[int]:
        """Of all vectors."""
        keys: set[int] = set()
        with self._told():
            while ids := self._collection.get(include=[], limit=10_000, offset=len(keys))["ids"]:
                keys.update(map(int, ids))
        return keys

    def drop_others(self, prefix: str) -> None:
        """Delete the other collections whose names begin so."""
        with self._told():
            for found in self._client.list_collections():
                if found.name.startswith(prefix) and found.name != self._collection.name:
                    self._client.delete_collection(found.name)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Raise what Chroma raises within as an `ArchiveError`."""
        try:
            yield
        except ArchiveError:
            raise
        except Exception as error:  # Chroma, httpx and the Rust bindings each raise their own
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> ArchiveError:
        reason = str(error)
        if self._server:
            return ArchiveError(
                f"the Chroma server at {self._server} does not answer as it should ({reason}); is it running? "
                "Start it with: chroma run --path DIR --port N, or unset KHABAR_CHROMA to keep vectors in the archive"
            )
        if any(sign in reason for sign in _FULL_DISK) or is_full(self._folder):
            return ArchiveError(f"the vectors at {self._folder} cannot grow: {FULL}")
        if any(sign in reason for sign in ("(code: 8)", "readonly", "Read-only", "Permission denied")):
            return ArchiveError(f"the vectors at {self._folder} cannot be written ({reason}); make the folder writable")
        return ArchiveDamaged(self._damage(reason))

    def _damage(self, reason: str) -> str:
        return (
            f"the vectors at {self.place} are damaged ({reason}); no article is lost: "
            "run khabar check --repair to make them again"
        )


def whole(chroma: Path) -> bool:
    """Whether the files of an embedded index are all there, of matching sizes, and from a save that was finished.

    Chroma writes `index_metadata.pickle` last: a file that is newer was written by a save that was cut off, and where
    there is none no save was ever finished, and Chroma has everything in its log.
    """
    for saved in chroma.glob(f"*/{_INDEX_FILES[-1]}"):
        paths = [saved.with_name(name) for name in _INDEX_FILES]
        if not all(path.exists() for path in paths):
            return False
        stats = [path.stat() for path in paths]
        elements = stats[1].st_size // 4
        if elements and (stats[2].st_size % elements or stats[2].st_size < 64 * elements):
            return False
        if any(stat.st_mtime_ns > stats[-1].st_mtime_ns for stat in stats):
            return False
    return True


def _forget_client(place: str) -> None:
    """Take a client that failed to start out of Chroma's cache, which would hand it out again (1.5.9)."""
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient._identifier_to_system.pop(place, None)
    SharedSystemClient._identifier_to_refcount.pop(place, None)


def _parts(length: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, length, size))
