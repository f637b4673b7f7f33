"""Text of two directions in one line: escaped, isolated, and otherwise unchanged."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from assistant.page.bidi import isolate

TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=80)


@given(TEXT, st.sampled_from(["ltr", "rtl"]))
def test_isolating_changes_no_character_and_leaves_no_markup(text: str, base: str) -> None:
    shown = re.sub(r'</?bdi(?: dir="(?:rtl|ltr)")?>', "", isolate(text, base))
    assert "<" not in shown
    assert html.unescape(shown) == text


def test_what_runs_the_other_way_is_isolated_as_a_whole() -> None:
    assert isolate("According to صحيفة العينة, 25 October", "ltr") == (
        'According to <bdi dir="rtl">صحيفة العينة</bdi>, 25 October'
    )
    assert isolate("يقدم OpenAI GPT 4 (beta) خدمات", "rtl") == 'يقدم <bdi dir="ltr">OpenAI GPT 4 (beta)</bdi> خدمات'
