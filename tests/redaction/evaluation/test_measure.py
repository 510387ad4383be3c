"""What is counted: scores on three levels, leaks, mapped and ignored labels."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from callsafe.redaction.evaluation.labelled import Labelled, Labels
from callsafe.redaction.evaluation.measure import ALL, Measured
from callsafe.redaction.evaluation.run import as_json, changes, shape, worse

TEXT = "Dr. Jane Roe lives in New York, call 555-0100"
#       0   4    9   13    19 22  26    32   37


def measured(gold: Sequence[Labelled], found: Sequence[Labelled], labels: Labels | None = None) -> Measured:
    result = Measured()
    result.add(TEXT, gold, found, labels or Labels())
    return result


def scores(result: Measured, label: str, level: str) -> tuple[float, float]:
    agreement = result.agreement(label, level)  # type: ignore[arg-type]
    return agreement.precision, agreement.recall


def test_a_span_with_the_same_edges_and_label_is_a_hit_on_every_level() -> None:
    result = measured([(4, 12, "PERSON")], [(4, 12, "PERSON")])
    for level in ("token", "exact", "overlap"):
        assert scores(result, "PERSON", level) == (1, 1)
    assert result.coverage("PERSON").leak_rate == 0


def test_a_span_that_is_too_short_is_no_exact_hit_and_half_a_token_hit() -> None:
    result = measured([(4, 12, "PERSON")], [(4, 8, "PERSON")])
    assert scores(result, "PERSON", "exact") == (0, 0)
    assert scores(result, "PERSON", "overlap") == (1, 1)
    assert scores(result, "PERSON", "token") == (1, 0.5)
    assert result.coverage("PERSON").as_json() == {"full": 0, "partly": 1, "none": 0, "rate": 1.0}


def test_another_label_is_a_mistake_of_both_but_no_leak() -> None:
    result = measured([(22, 30, "LOCATION")], [(22, 30, "PERSON")])
    assert scores(result, "LOCATION", "token")[1] == 0
    assert scores(result, "PERSON", "token")[0] == 0
    assert (result.any.precision, result.any.recall) == (1, 1)
    assert result.coverage("LOCATION").full == 1


def test_one_long_span_meets_two_labelled_ones_by_overlap() -> None:
    result = measured([(22, 25, "LOCATION"), (26, 30, "LOCATION")], [(22, 30, "LOCATION")])
    assert scores(result, "LOCATION", "overlap") == (1, 1)
    assert scores(result, "LOCATION", "exact") == (0, 0)
    assert scores(result, "LOCATION", "token") == (1, 1)


def test_what_is_not_found_leaks_and_what_is_not_labelled_is_a_false_alarm() -> None:
    result = measured([(4, 12, "PERSON")], [(37, 45, "PHONE_NUMBER")])
    assert result.coverage("PERSON").none == 1
    assert scores(result, ALL, "exact") == (0, 0)
    assert result.agreement("PHONE_NUMBER", "token").found == 2


def test_blanks_and_punctuation_left_between_found_parts_are_no_leak() -> None:
    result = measured([(4, 12, "PERSON")], [(4, 8, "PERSON"), (9, 12, "PERSON")])
    assert result.coverage("PERSON").full == 1


def test_mapped_labels_count_as_one_on_both_sides() -> None:
    labels = Labels({"GPE": "LOCATION", "STREET_ADDRESS": "LOCATION"})
    result = measured([(22, 30, "GPE")], [(22, 30, "STREET_ADDRESS")], labels)
    assert scores(result, "LOCATION", "exact") == (1, 1)
    assert result.labels() == ["LOCATION"]


def test_ignored_labels_are_neither_hit_nor_mistake() -> None:
    labels = Labels(ignore=frozenset({"TITLE"}))
    result = measured([(0, 3, "TITLE"), (4, 12, "PERSON")], [(0, 12, "PERSON")], labels)
    assert result.labels() == ["PERSON"]
    result = measured([(0, 3, "TITLE")], [(0, 3, "PERSON")], labels)
    assert result.labels() == []
    assert result.any.found == 0


def test_f2_weighs_recall_four_times_as_much_as_precision() -> None:
    result = measured([(4, 12, "PERSON")], [(4, 8, "PERSON")])
    token = result.agreement("PERSON", "token")
    assert token.f(1) == pytest.approx(2 / 3)
    assert token.f(2) == pytest.approx(5 * 1 * 0.5 / (4 * 1 + 0.5))


def test_a_shape_shows_form_and_no_letter() -> None:
    assert shape("Jané Roe-7 +1555 中") == "Xxxx Xxx-9 +9999 x"
    assert shape("a" * 500) == "xxxxxxxx"


def many(found: Sequence[Labelled], times: int = 20) -> Measured:
    result = Measured()
    for _ in range(times):
        result.add(TEXT, [(4, 12, "PERSON")], found, Labels())
    return result


def test_a_fall_beyond_the_tolerance_is_worse_and_a_rise_is_not() -> None:
    good, bad = as_json(many([(4, 12, "PERSON")])), as_json(many([(4, 8, "PERSON")]))
    fall = changes(good, bad)
    assert {change.score for change in worse(fall, 0.01)} == {"token recall", "token f2", "full coverage"}
    assert worse(fall, 1.0) == []
    assert worse(changes(bad, good), 0.0) == []
    assert changes(good, good) == []


def test_a_label_with_few_spans_is_not_compared() -> None:
    good, bad = as_json(many([(4, 12, "PERSON")], 9)), as_json(many([], 9))
    assert [change.label for change in changes(good, bad) if change.label == "PERSON"] == []
