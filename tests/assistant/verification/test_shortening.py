"""What may be left out of a sentence, and what may not; statements by people who did not know the rules."""

import json
from collections import Counter
from pathlib import Path

import pytest

from assistant.answer import Quote
from assistant.verification import check
from assistant.verification.lexicon import lexicon
from assistant.verification.shortening import LONGEST, shortens
from ingest.article import Article

PAIRS = Path(__file__).resolve().parents[2] / "data" / "shortenings.jsonl"

BRIDGE = (
    "The council of Anwick (which met for six hours) said on Tuesday that the bridge, built in 1931, will not reopen "
    "in May because inspectors found cracks in two piers, while Mayor Edda Korvin hopes for 3 million pounds from the "
    "state."
)
JISR = (
    "وقال مجلس أنويك يوم الثلاثاء إن الجسر، الذي بني عام 1931، لن يفتح في أيار بسبب شقوق في دعامتين، "
    "بينما تأمل رئيسة البلدية إيدا كورفن في الحصول على 3 ملايين جنيه."
)


@pytest.mark.parametrize(
    "statement",
    [
        "The council of Anwick said on Tuesday that the bridge, built in 1931, will not reopen in May because "
        "inspectors found cracks in two piers.",
        "The council of Anwick said the bridge will not reopen in May because inspectors found cracks in two piers.",
        "Council of Anwick said that the bridge will not reopen in May because inspectors found cracks in two piers, "
        "while Edda Korvin hopes for three million pounds from the state.",
    ],
)
def test_asides_times_titles_and_clauses_at_the_end_may_be_left_out(statement: str) -> None:
    assert shortens(statement, BRIDGE, "en")


@pytest.mark.parametrize(
    "statement",
    [
        "The council of Anwick said on Tuesday that the bridge will reopen in May.",  # the negation
        "The bridge will not reopen in May.",  # who says it
        "The council of Anwick will not reopen in May.",  # the subject
        "The council said on Tuesday that the bridge will not reopen in May.",  # which council
        "The council of Anwick said that the bridge will not reopen.",  # narrower than "not in May"
        "Mayor Edda Korvin found cracks in two piers.",
        "The council of Anwick said that the bridge, built in 1931, will not reopen in June.",
        "The council of Anwick said on Tuesday, that the bridge will not reopen in May in two piers.",
        "The bridge, built in 1931, found cracks in two piers.",
        "The council of Anwick hopes for 3 million pounds from the state.",
        "Mayor Edda Korvin said on Tuesday that the bridge will not reopen in May.",
    ],
)
def test_what_the_rest_depends_on_may_not(statement: str) -> None:
    assert not shortens(statement, BRIDGE, "en")


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("قال مجلس أنويك إن الجسر لن يفتح في أيار بسبب شقوق في دعامتين.", True),
        ("قال مجلس أنويك يوم الثلاثاء إن الجسر لن يفتح في أيار بسبب شقوق في دعامتين.", True),
        ("لن يفتح الجسر في أيار.", False),
        ("قال مجلس أنويك إن الجسر يفتح في أيار بسبب شقوق في دعامتين.", False),
        ("قالت رئيسة البلدية إيدا كورفن إن الجسر لن يفتح في أيار.", False),
        ("مجلس أنويك لن يفتح في أيار.", False),
    ],
)
def test_arabic_is_shortened_by_the_same_rules(statement: str, shown: bool) -> None:
    assert shortens(statement, JISR, "ar") is shown


@pytest.mark.parametrize(
    ("sentence", "statement"),
    [
        ("Three ministers resigned, police said.", "Three ministers resigned."),
        ("The ferry returns on Monday if the engine is repaired.", "The ferry returns on Monday."),
        ("No one in the north was hurt.", "No one was hurt."),
        ("All schools in Anwick are closed.", "All schools are closed."),
        ("The club was the first in Torvia to win.", "The club was the first to win."),
        ("Will the ferry return on Monday?", "Will the ferry return?"),
        ("“The ferry is safe and new. ", "The ferry is safe and new."),
        ("I will resign on Monday.", "I will resign."),
        ("Police shot two men in Anwick and a woman in Torvia.", "Police shot two men in Torvia."),
        ("The minister resigned after the army took the palace in Anwick.", "The minister resigned in Anwick."),
        ("The court in Anwick cleared Bram Oster, but his brother was jailed.", "Bram Oster was jailed."),
        ("قُتل ثلاثة جنود في الشمال، بحسب الشرطة.", "قُتل ثلاثة جنود في الشمال."),
        ("لم يصب أحد في الشمال.", "لم يصب أحد."),
        ("يعود القطار يوم الاثنين إذا أُصلح المحرك.", "يعود القطار يوم الاثنين."),
        ("استقال نائب وزير المالية يوم الاثنين.", "استقال وزير المالية."),
    ],
)
def test_an_omission_that_changes_the_meaning_is_none(sentence: str, statement: str) -> None:
    language = "ar" if sentence[0] >= "\u0600" and sentence[0] != "“" else "en"
    assert not shortens(statement, sentence, language)


def test_in_a_language_without_word_lists_only_brackets_may_be_left_out() -> None:
    assert lexicon("fr") is None
    sentence = "Le maire de Belcourt (élu en 2020) a démissionné lundi."
    assert shortens("Le maire de Belcourt a démissionné lundi.", sentence, "fr")
    assert not shortens("Le maire de Belcourt a démissionné.", sentence, "fr")
    assert not shortens("Le pont est fermé.", "Le pont est fermé, selon la police.", "fr")


def test_words_inside_a_quotation_that_began_before_are_nobodys_statement() -> None:
    text = "“The mayor took the money. The council knew of it in May,” said Bram Oster."
    article = Article("a" * 16, "", text, language="en")
    start = text.index("The council")
    checked = check("The council knew of it.", [Quote(article, start, start + 30)])
    assert checked.proof == ""


def test_an_address_is_only_ever_quoted() -> None:
    text = "Readers can sign in at www.archive.example on Monday."
    article = Article("a" * 16, "", text, language="en")
    assert check("Readers can sign in at www.archive.example.", [Quote(article, 0, len(text))]).proof == ""


def test_a_whole_sentence_is_its_own_quotation_and_two_that_follow_each_other_are_one() -> None:
    text = "The ferry sank. Nobody was hurt. The port is closed."
    article = Article("a" * 16, "", text, language="en")
    checked = check("The ferry sank. Nobody was hurt.", [Quote(article, 0, len(text))])
    assert (checked.proof, [one.text for one in checked.quotes]) == ("quoted", ["The ferry sank. Nobody was hurt."])


def test_only_the_sentence_that_carries_a_statement_is_quoted_for_it() -> None:
    text = "The ferry sank on Monday. Nobody was hurt. The port is closed."
    article = Article("a" * 16, "", text, language="en")
    checked = check("The ferry sank.", [Quote(article, 0, len(text))])
    assert (checked.proof, [one.text for one in checked.quotes]) == ("shortened", ["The ferry sank on Monday."])


def test_a_sentence_without_an_end_is_no_work() -> None:
    endless = "the ferry and " * 100_000
    assert not shortens(endless, endless, "en")
    words = "the ferry and " * (LONGEST // 3)
    assert not shortens(words + "sank", words, "en")


def _pairs() -> Counter[tuple[str, str, bool, str]]:
    counts: Counter[tuple[str, str, bool, str]] = Counter()
    for line in PAIRS.read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        article = Article("said", "", "\n".join(pair["evidence"]), language=pair["language"])
        checked = check(pair["statement"], [Quote(article, 0, len(article.text))])
        shown = "shown" if checked.proof else "replaced"
        counts[pair["language"], pair["class"], pair["supported"], shown] += 1
        if checked.proof and not pair["supported"]:
            print(pair["statement"], "<=", pair["evidence"])
    return counts


def test_of_statements_written_by_others_no_false_one_is_shown() -> None:
    counts = _pairs()
    false = {language: sum(n for (one, _, true, _), n in counts.items() if one == language and not true) for language in
             ("ar", "en", "fr", "de", "tr", "fa")}  # fmt: skip
    assert min(false["ar"], false["en"]) > 180
    assert min(false.values()) >= 10
    assert {key: n for key, n in counts.items() if not key[2] and key[3] == "shown"} == {}
    shown = {language: counts[language, "shortening", True, "shown"] for language in ("ar", "en")}
    print(shown)
    assert shown["en"] >= 17
    assert shown["ar"] >= 9
