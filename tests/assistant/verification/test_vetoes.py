"""What no judge may overrule."""

import pytest

from assistant.answer import Quote
from assistant.verification.proof import veto
from ingest.article import Article

TEXT = "Les travaux du nouveau phare ont coûté quatre-vingt-douze millions d'euros, selon le conseil régional."
CITED = [Quote(Article("a" * 16, "Phare", TEXT, language="fr"), 0, len(TEXT))]


@pytest.mark.parametrize(
    ("figure", "kind"), [("92 millions", ""), ("quatre-vingt-treize millions", "figures"), ("93 millions", "figures")]
)
def test_figures_in_french_words_are_compared(figure: str, kind: str) -> None:
    fault = veto(f"Selon le conseil régional, le nouveau phare de la côte a coûté {figure} d'euros.", CITED)
    assert (fault.kind if fault else "") == kind
