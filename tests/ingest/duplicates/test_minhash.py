"""The keys of near-duplicates: archives store them, so the same text must always get the same ones."""

from ingest.duplicates import lookup_keys

STORY = (
    "The ferry to Melora was cancelled for three days after the storm. Forty families spent the night in the sports "
    "hall on Lantern Street, said the harbour master. The gap in the wall was closed with six hundred stone blocks."
)


def test_keys_are_those_that_archives_have_stored() -> None:
    """These were computed with datasketch 2.0, scheme "affine32"; other keys need another `KEYS_VERSION`."""
    keys = sorted(lookup_keys(STORY))
    assert len(keys) == 35
    assert keys[:2] == [-9103426157083760517, -8358328712139830664]
    assert sum(keys) == -9015291097006470292


def test_a_copy_edited_all_over_shares_a_key_and_another_text_does_not() -> None:
    assert {*lookup_keys(STORY)} & {*lookup_keys(STORY.replace("Forty", "Fifty").replace("Lantern", "Harbour"))}
    assert not {*lookup_keys(STORY)} & {*lookup_keys("Divers found a bronze bell under the pier of Kessin on Monday.")}
