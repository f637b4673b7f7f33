import pytest

from assistant.answer import Quote
from assistant.verification import requoted, shown_as_written
from ingest.article import Article

TEXT = "Nineteen people were injured in the flood of Port Oskara on Monday, the city hospital said."
CITED = [Quote(Article("a" * 16, "Flood", TEXT, language="en"), 0, len(TEXT))]


@pytest.mark.parametrize(
    ("statement", "proof"),
    [
        (TEXT, "quoted"),
        ("Nineteen people were injured in the flood of Port Oskara, the city hospital said.", "shortened"),
        ("**Nineteen people** were injured in the flood of Port Oskara, the `city hospital` said.", "shortened"),
        ('Nineteen people were "injured" in the flood of Port Oskara, the city hospital said.', "shortened"),
        ("Ninety people were injured in the flood of Port Oskara, the city hospital said.", ""),
    ],
)
def test_a_statement_is_checked_as_an_answer_would_show_it(statement: str, proof: str) -> None:
    checked = shown_as_written(statement, CITED)
    assert checked.proof == proof
    assert (checked.fault is None) == bool(proof)


def test_a_judge_is_asked_only_about_what_is_no_shortening() -> None:
    asked: list[str] = []

    def supports(statement: str, sentences: object) -> bool:
        asked.append(statement)
        return True

    rephrased = "The flood of Port Oskara left 19 people injured, according to the city hospital."
    assert shown_as_written(TEXT, CITED, supports=supports).proof == "quoted"
    assert asked == []
    assert shown_as_written(rephrased, CITED, supports=supports).proof == "judged"
    assert asked == [rephrased]


def test_a_very_long_statement_loses_its_quotation_marks() -> None:
    statement = '"injured in the flood" ' * 1_000
    text, cited = requoted(statement, CITED)
    assert text == ("injured in the flood " * 1_000).strip()
    assert cited == CITED
