from ingest.article import Article, Span, merge

TEXT = "One. Two.  Three.\nFour."
SPANS = {"One": (0, 4), "Two": (5, 9), "Three": (11, 17), "Four": (18, 23)}
ARTICLE = Article("a" * 16, "", TEXT)


def span(name: str, article: Article = ARTICLE) -> Span:
    return Span(article, *SPANS[name])


def follows(earlier: Span, later: Span) -> bool:
    return later.follows(earlier)


def test_a_span_follows_another_if_only_spaces_of_one_line_are_between_them() -> None:
    assert span("Three").follows(span("Two"))
    assert not span("Two").follows(span("Three"))
    assert not span("Four").follows(span("Three"))
    assert span("Four").follows(span("Three"), across_lines=True)
    assert not span("Two").follows(span("One", Article("b" * 16, "", TEXT)))


def test_spans_that_touch_are_joined_in_the_position_of_the_first() -> None:
    other = span("Two", Article("b" * 16, "", TEXT))
    names = [span("One"), other, span("Two"), span("Four")]
    assert [one.text for one in merge(names, follows)] == ["One.", "Two.", "Two.", "Four."]
    joined = merge(names, follows, with_any_before=True)
    assert [one.text for one in joined] == ["One. Two.", "Two.", "Four."]
    assert joined[1] == other
