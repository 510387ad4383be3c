"""Once a name, always a name: what a conversation knows about persons, and what a policy says about names."""

from collections.abc import Sequence

import pytest

from callsafe.redaction import Policy, RedactionError, Redactor
from callsafe.redaction.operators import Keep, Replace
from callsafe.redaction.spans import Span

FIRST = "I am Quorina Brockenhurst and I need a new card."


def test_a_surname_alone_is_replaced_later_in_the_conversation_by_a_placeholder_of_its_own() -> None:
    conversation = Redactor().conversation()
    assert conversation.redact(FIRST) == "I am <PERSON_1> and I need a new card."
    later = (
        "The brockenhurst of old is gone. Send it to Brockenhurst or Quorina, not to Quorina Brockenhurst."
    )
    safe = conversation.redact(later)
    assert safe == (
        "The brockenhurst of old is gone. Send it to <PERSON_2> or <PERSON_3>, not to <PERSON_1>."
    )
    assert conversation.restore(safe) == later


def test_another_conversation_knows_nothing_of_it() -> None:
    redactor = Redactor()
    redactor.conversation().redact(FIRST)
    detector = redactor.conversation()
    assert detector.redact("plain words only") == "plain words only"
    assert len(detector.vault) == 0


def test_persons_that_the_policy_keeps_are_not_looked_for_again() -> None:
    conversation = Redactor(Policy(entities={"PERSON": Keep()})).conversation()
    conversation.vault.issue([("PERSON", "Quorina Brockenhurst")])
    assert "Quorina" in conversation.redact("Ask Quorina about it.")


def test_places_that_the_policy_keeps_do_not_become_persons() -> None:
    redactor = Redactor(Policy(entities={"LOCATION": Keep()}))
    text = "We flew from Amsterdam to Kenya with Jonathan Becker."
    assert redactor.redact(text).text == "We flew from Amsterdam to Kenya with <PERSON_1>."


def test_organizations_are_found_where_the_policy_names_them() -> None:
    text = "She works at Harrington Holdings Ltd in London."
    assert "Harrington" in Redactor(Policy()).redact(text).text
    asked = Redactor(Policy(entities={"ORGANIZATION": Replace()})).redact(text).text
    assert "Harrington" not in asked
    assert "<ORGANIZATION_1>" in asked


def test_the_threshold_of_the_policy_is_the_knob_of_the_name_model() -> None:
    text = "Grabowszczak left Quillfeather for Bretton and Fennimore. " * 2

    def persons(threshold: float) -> int:
        spans = Redactor(Policy(thresholds={"PERSON": threshold})).redact(text).spans
        return sum(span.end - span.start for span in spans if span.label == "PERSON")

    assert persons(0.05) > persons(0.5) > persons(1.0) == 0


class Failing:
    """Finds nothing, and fails where it is asked for known persons."""

    def find(self, text: str) -> Sequence[Span]:
        return ()

    def find_known(self, text: str, persons: Sequence[str]) -> Sequence[Span]:
        raise RuntimeError(text)


def test_a_detector_that_fails_on_known_persons_blocks_the_text_and_tells_nothing_of_it() -> None:
    conversation = Redactor(detector=Failing()).conversation()
    assert conversation.redact("Quorina") == "Quorina"
    conversation.vault.issue([("PERSON", "Jane Roe")])
    with pytest.raises(RedactionError, match="RuntimeError") as caught:
        conversation.redact("Quorina")
    assert "Quorina" not in str(caught.value)
