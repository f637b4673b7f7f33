"""A conversation as a browser keeps it and sends it back."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.page.conversation import Conversation, Exchange, Filters, parse_conversation


@given(st.text(max_size=200) | st.none() | st.integers())
def test_whatever_a_browser_sends_makes_a_conversation(sent: object) -> None:
    assert isinstance(parse_conversation(sent), Conversation)


def test_a_kept_conversation_comes_back_as_it_was() -> None:
    turn = Exchange(question="من؟", state="answered", narrowed=Filters(publishers=("Wire",)), writer="extract")
    kept = Conversation().with_turn(turn)
    assert parse_conversation(kept.to_json()) == kept
    assert len(Conversation().with_turn(turn).with_turn(turn).without_last(1).turns) == 1
    assert parse_conversation('{"id": "../../etc", "turns": []}').id != "../../etc"
