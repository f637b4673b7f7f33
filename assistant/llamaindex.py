"""A llama-index retriever: any of its engines and agents can search the archive."""

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.answer import Hit
from assistant.assistant import Assistant
from ingest.archive import ALL, Filter


class ArchiveRetriever(BaseRetriever):
    """Retrieves passages from an archive.

    Args:
        assistant: open, and left open.
        limit: at most this many passages.
        where: only articles that match.
    """

    def __init__(self, assistant: Assistant, limit: int = 5, where: Filter = ALL) -> None:
        self._assistant, self._limit, self._where = assistant, limit, where
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._assistant.find(query_bundle.query_str, self._limit, where=self._where)
        return [_node(hit) for hit in hits]


def _node(hit: Hit) -> NodeWithScore:
    """A passage as a node. Its text is `article.text[start:end]` of its metadata, its score the cosine, -1 to 1."""
    article = hit.article
    metadata = {
        "article_id": article.id,
        "start": hit.start,
        "end": hit.end,
        "title": article.title,
        "publisher": article.publisher,
        "published": article.published.isoformat() if article.published else "",
        "url": article.url,
        "language": article.language,
    }
    node = TextNode(
        id_=f"{article.id}:{hit.start}-{hit.end}",
        text=hit.text,
        metadata=metadata,
        excluded_llm_metadata_keys=["article_id", "start", "end", "language"],
        excluded_embed_metadata_keys=list(metadata),
    )
    return NodeWithScore(node=node, score=hit.cosine)
