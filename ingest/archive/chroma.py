"""The vectors of an archive in a Chroma collection: embedded in the archive's folder, or on a Chroma server.

Chroma's index files carry no checksums, and reading a truncated one crashes the process (in Chroma 1.5.9, a truncated
`data_level0.bin` causes a segmentation fault). Therefore `is_intact` inspects the files before Chroma opens them.
"""

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from ingest.archive.storage_errors import DISK_FULL, is_full, storage_errors
from ingest.archive.types import ALL, Filter, to_microseconds
from ingest.article import Article
from ingest.embedding import Vectors
from ingest.errors import ArchiveDamaged, ArchiveError
from ingest.language import folded

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

# Of the true 100 nearest among 9,051 real passages, Chroma's default settings find 94.4 % in 1.9 ms, and these find
# 99.6 % in 2.4 ms; see tests/bench/recall.py.
INDEX: "CreateHNSWConfiguration" = {"space": "cosine", "ef_search": 200, "ef_construction": 200, "max_neighbors": 32}
# Parts of Chroma's messages when the disk is full. A message about saving the index may contain none of them.
_DISK_FULL_MESSAGES = ("(code: 13)", "is full", "No space left", "os error 28")
_READ_ONLY_MESSAGES = ("(code: 8)", "readonly", "Read-only", "Permission denied")
_INDEX_FILES = ("header.bin", "length.bin", "data_level0.bin", "link_lists.bin", "index_metadata.pickle")

_Metadata = Mapping[str, str | int | float | bool | None]
_SHARED: _Metadata = {"shared": True}  # metadata of a point of several articles


class ChromaStore:
    """A `VectorStore` in one Chroma collection; the id of a vector is its point's key.

    Args:
        folder: the folder of an embedded Chroma.
        server: the address of a Chroma server to use instead, or "".
        collection: the name of the collection.
        create: create the collection if it does not exist.

    Raises:
        ArchiveDamaged: the collection is missing, or its files are damaged.
        ArchiveError: the server does not answer.
    """

    def __init__(self, folder: Path, server: str, collection: str, *, create: bool) -> None:
        self._folder = folder
        self._server = server
        self.location = server or str(folder)
        if not server and not create and not (folder / "chroma.sqlite3").exists():
            raise ArchiveDamaged(self._damage("its files are missing"))
        if not server and not is_intact(folder):
            raise ArchiveDamaged(self._damage("index files are incomplete or missing"))
        with self._known_errors():
            self._client = self._connect()
        try:
            with self._known_errors():
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
        """Close this store's client; Chroma shares one client per folder in a process and stops with the last one."""
        self._client.close()  # type: ignore[attr-defined]
        if self._server:  # Chroma 1.5.9 leaves the connections of both of its clients open
            clients: tuple[Any, ...] = (self._client, self._client._admin_client)  # type: ignore[attr-defined]
            for client in clients:
                client._server._session.close()

    def upsert(self, keys: Sequence[int], vectors: Vectors, owners: Sequence[Article | None]) -> None:
        """See `VectorStore.upsert`."""
        metadata = [_metadata(owner) if owner else _SHARED for owner in owners]
        with self._known_errors():
            for part in _slices(len(keys), self._batch):
                self._collection.upsert(
                    ids=[str(key) for key in keys[part]], embeddings=vectors[part], metadatas=list(metadata[part])
                )

    def mark_shared(self, keys: Sequence[int]) -> None:
        """See `VectorStore.mark_shared`."""
        with self._known_errors():
            for part in _slices(len(keys), self._batch):
                ids = [str(key) for key in keys[part]]
                self._collection.update(ids=ids, metadatas=[dict(_SHARED)] * len(ids))

    def delete(self, keys: Sequence[int]) -> None:
        """See `VectorStore.delete`."""
        with self._known_errors():
            for part in _slices(len(keys), self._batch):
                self._collection.delete(ids=[str(key) for key in keys[part]])

    def nearest(self, vector: Vectors, limit: int, where: Filter = ALL) -> list[tuple[int, float]]:
        """See `VectorStore.nearest`. Chroma reports 1 - cosine as the distance."""
        query = np.asarray(vector, dtype=np.float32)[None]
        with self._known_errors():
            result = self._collection.query(
                query_embeddings=query, n_results=limit, where=_where(where), include=["distances"]
            )
        distances = result["distances"]
        assert distances is not None  # noqa: S101 - they were asked for
        return [(int(key), 1.0 - distance) for key, distance in zip(result["ids"][0], distances[0], strict=True)]

    def vectors(self, keys: Sequence[int]) -> dict[int, Vectors]:
        """See `VectorStore.vectors`. Chroma takes 7 to 10 ms for 100 vectors."""
        if not keys:
            return {}  # Chroma would return all
        with self._known_errors():
            result = self._collection.get(ids=[str(key) for key in keys], include=["embeddings"])
        embeddings = result["embeddings"]
        assert embeddings is not None  # noqa: S101 - they were asked for
        return {int(key): np.asarray(vector, np.float32) for key, vector in zip(result["ids"], embeddings, strict=True)}

    def count(self) -> int:
        """See `VectorStore.count`."""
        with self._known_errors():
            return int(self._collection.count())

    def keys(self) -> set[int]:
        """See `VectorStore.keys`."""
        keys: set[int] = set()
        with self._known_errors():
            while ids := self._collection.get(include=[], limit=10_000, offset=len(keys))["ids"]:
                keys.update(map(int, ids))
        return keys

    def delete_other_generations(self) -> None:
        """See `VectorStore.delete_other_generations`."""
        if not self._server:
            with storage_errors(self._folder):
                for other in self._folder.parent.iterdir():
                    if other.name.isdigit() and other != self._folder:
                        shutil.rmtree(other)
            return
        prefix = self._collection.name.rpartition("-")[0]
        with self._known_errors():
            for collection in self._client.list_collections():
                if collection.name.startswith(f"{prefix}-") and collection.name != self._collection.name:
                    self._client.delete_collection(collection.name)

    @contextlib.contextmanager
    def _known_errors(self) -> Iterator[None]:
        """Turn the exceptions of Chroma into an `ArchiveError`."""
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
        if any(words in reason for words in _DISK_FULL_MESSAGES) or is_full(self._folder):
            return ArchiveError(f"the vectors at {self._folder} cannot grow: {DISK_FULL}")
        if any(words in reason for words in _READ_ONLY_MESSAGES):
            return ArchiveError(f"the vectors at {self._folder} cannot be written ({reason}); make the folder writable")
        return ArchiveDamaged(self._damage(reason))

    def _damage(self, reason: str) -> str:
        return (
            f"the vectors at {self.location} are damaged ({reason}); no article is lost: "
            "run khabar check --repair to restore them"
        )


def is_intact(folder: Path) -> bool:
    """Whether the files of an embedded index all exist, have matching sizes, and come from one completed save.

    Chroma writes `index_metadata.pickle` last. If another file is newer, a save was interrupted. If there is no such
    file, no save was ever completed, and Chroma still has everything in its log.
    """
    for metadata in folder.glob(f"*/{_INDEX_FILES[-1]}"):
        paths = [metadata.with_name(name) for name in _INDEX_FILES]
        if not all(path.exists() for path in paths):
            return False
        stats = [path.stat() for path in paths]
        elements = stats[1].st_size // 4
        if elements and (stats[2].st_size % elements or stats[2].st_size < 64 * elements):
            return False
        if any(stat.st_mtime_ns > stats[-1].st_mtime_ns for stat in stats):
            return False
    return True


# -- generations -----------------------------------------------------------------------------------------------------


class Generations:
    """The generations of an archive's vectors: a new one is filled beside the old one, then the catalogue switches.

    Args:
        folder: the folder of the archive.
        archive: the archive's random name, which tells archives on one Chroma server apart.
        server: the address of a Chroma server, or "" for an embedded Chroma.
    """

    def __init__(self, folder: Path, archive: str, server: str) -> None:
        self._folder = folder
        self._prefix = f"khabar-{archive}-"
        self._server = server

    def open(self, generation: int, *, create: bool = False) -> ChromaStore:
        """Open a generation.

        Raises:
            ArchiveDamaged: it is missing or damaged.
            ArchiveError: the server does not answer.
        """
        folder = self._path(generation)
        if create and not self._server:
            with storage_errors(self._folder):
                folder.mkdir(parents=True, exist_ok=True)
        return ChromaStore(folder, self._server, f"{self._prefix}{generation}", create=create)

    def create_empty(self, generation: int) -> ChromaStore:
        """Create an empty generation, deleting any remains of it that a crash left."""
        with storage_errors(self._folder):
            if self._path(generation).exists():
                shutil.rmtree(self._path(generation))
        store = self.open(generation, create=True)
        if self._server and store.count():
            store.delete(sorted(store.keys()))
        return store

    def is_intact(self, generation: int) -> bool:
        """Whether the files of a generation look intact; always true on a server, which checks its own."""
        return bool(self._server) or is_intact(self._path(generation))

    def _path(self, generation: int) -> Path:
        return self._folder / "chroma" / str(generation)


def _where(where: Filter) -> dict[str, Any] | None:
    """A filter as Chroma's `where`; None if it matches everything."""
    conditions: list[dict[str, Any]] = []
    if where.since is not None:
        conditions.append({"published": {"$gte": to_microseconds(where.since)}})
    if where.until is not None:
        conditions.append({"published": {"$lt": to_microseconds(where.until)}})
    if where.publishers:
        conditions.append({"publisher": {"$in": [folded(name) for name in where.publishers]}})
    if where.languages:
        conditions.append({"language": {"$in": list(where.languages)}})
    if not conditions:
        return None
    matches = {"$and": conditions} if len(conditions) > 1 else conditions[0]
    return {"$or": [matches, dict(_SHARED)]}


def _metadata(article: Article) -> _Metadata:
    metadata: dict[str, str | int | float | bool | None] = {
        "article": article.id, "publisher": folded(article.publisher), "language": article.language,
    }  # fmt: skip
    if article.published is not None:
        metadata["published"] = to_microseconds(article.published)
    return metadata


def _forget_client(path: str) -> None:
    """Remove a client that failed to start from Chroma's cache; Chroma 1.5.9 would return it again."""
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient._identifier_to_system.pop(path, None)
    SharedSystemClient._identifier_to_refcount.pop(path, None)


def _slices(length: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, length, size))
