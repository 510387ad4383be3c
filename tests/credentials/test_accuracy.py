from collections import Counter

import pytest
from tests.credentials.keys import FORMATS, key
from tests.credentials.lookalikes import lookalikes
from tests.credentials.writings import SPLIT, cases, values

from callsafe.rules.credentials._scan import scan


def test_every_key_is_found_whole_however_it_is_written() -> None:
    wrong: list[tuple[str, str]] = []
    count = 0
    split: dict[str, list[bool]] = {}
    for case in cases():
        count += 1
        exact = values(case.path, case.text) == [case.value]
        if case.writing in SPLIT:
            split.setdefault(case.writing, []).append(exact)
        elif not exact:
            wrong.append((case.format, case.writing))
    assert count >= 2000
    assert not wrong, Counter(wrong)
    assert {
        writing: sum(found) / len(found) for writing, found in split.items() if sum(found) <= 0.9 * len(found)
    } == {}


def test_look_alikes_are_not_reported() -> None:
    lines = lookalikes()
    assert len(lines) >= 200
    flagged = [line for line in lines if list(scan(line))]
    assert len(flagged) < 0.02 * len(lines), [line[:24] for line in flagged]


def test_look_alikes_in_a_prompt_are_rarely_replaced() -> None:
    lines = lookalikes()
    assert sum(bool(list(scan(line, strict=True))) for line in lines) < 0.05 * len(lines)


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("strict", [False, True])
def test_each_shape_of_a_format_is_found_with_its_exact_span_and_issuer(name: str, strict: bool) -> None:
    form = FORMATS[name]
    word = (form.names or ("service",))[0].rstrip("_.-( ")
    for number in range(len(form.shapes)):
        value = key(name, 1, shape=number)
        text = f'{word}_api_key = "{value}"\n'
        found = list(scan(text, names=form.names[:1], strict=strict))
        assert [(text[m.start : m.end] == value, m.provider) for m in found] == [(True, form.provider)]


@pytest.mark.parametrize("name", sorted(name for name, form in FORMATS.items() if form.kind == "prefix"))
def test_a_key_with_a_mark_of_its_own_is_found_in_bare_prose(name: str) -> None:
    value = key(name, 2)
    text = f"please use {value}, it expires soon."
    assert [text[m.start : m.end] for m in scan(text, strict=True)] == [value]


@pytest.mark.parametrize("name", sorted(name for name, form in FORMATS.items() if form.kind == "ctx"))
def test_a_value_without_a_mark_is_not_reported_where_nobody_is_named(name: str) -> None:
    text = f'value = "{key(name, 3)}"'
    assert not [m for m in scan(text) if m.format == name]
