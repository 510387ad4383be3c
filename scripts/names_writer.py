"""Generated text with labelled names: the templates of scripts/names/, filled from seeds."""

import calendar
import importlib
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from names_corpora import Labelled, Span
from names_lists import HERE, LISTS, TRADE, faker_lists, faker_people, geonames, places

_SLOT = re.compile(r"\{([a-z]+)\}")
_LABELS = {
    "name": "PERSON",
    "first": "PERSON",
    "last": "PERSON",
    "lastfirst": "PERSON",
    "initials": "PERSON",
    "city": "LOCATION",
    "country": "LOCATION",
    "org": "ORGANIZATION",
}
_PARTICLES = (
    "de",
    "van",
    "von",
    "de la",
    "del",
    "van der",
    "van den",
    "di",
    "da",
    "dos",
    "bin",
    "al",
    "El",
    "Le",
)
_PREFIXES = ("O'", "Mc", "Mac", "D'", "Al-", "El-", "Ben-")
_ENGLISH = ("en_US", "en_GB", "en_US", "en", "en_IE", "en_NZ")


class Writer:
    """Writes labelled text from templates; the same seed writes the same text."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.given, self.family = faker_people()
        self.towns, self.lands = places()
        _, self.large, _ = geonames()
        english = {
            land for locale, land in faker_lists("address", r"countries|states") if locale in ("en", "en_US")
        }
        self.english_lands = sorted(english & set(self.lands) | set(LISTS["lands"]))
        self.locales = sorted(set(self.given) & set(self.family))
        self.jobs = sorted(
            {job for locale, job in faker_lists("job", r"jobs") if locale in ("en_US", "en_GB")}
        )
        lorem = importlib.import_module("faker.providers.lorem.en_US").Provider.word_list
        self.english: list[str] = [word.title() for word in lorem if word.isalpha()]
        self.templates = _lines("templates.txt")
        self.plain = _lines("plain.txt")
        self.forms = defaultdict[str, list[str]](list)
        for line in _lines("forms.txt"):
            slot, _, form = line.partition(": ")
            self.forms[slot] += [form] if slot in ("street", "org") else form.replace("_", "\0").split()

    def _locale(self) -> str:
        return self.rng.choice(_ENGLISH if self.rng.random() < 0.45 else self.locales)

    def given_name(self, locale: str) -> str:
        """Return a given name of a Faker locale."""
        return self.rng.choice(self.given[locale])

    def family_name(self, locale: str) -> str:
        """Return a family name of a Faker locale, now and then double, foreign or with a particle."""
        rng = self.rng
        draw = rng.random()
        name = rng.choice(self.family[locale if draw > 0.1 else rng.choice(self.locales)])
        if draw > 0.96:
            return f"{name}-{rng.choice(self.family[locale])}"
        if draw > 0.92:
            return f"{rng.choice(_PARTICLES)} {name}"
        return rng.choice(_PREFIXES) + name if draw > 0.9 else name

    def person(self) -> str:
        """Return a full name in one of the ways people write them."""
        rng = self.rng
        locale = self._locale()
        given, family = self.given_name(locale), self.family_name(locale)
        form = rng.random()
        if form < 0.68:
            return f"{given} {family}"
        if form < 0.78:
            return f"{given} {rng.choice('ABCDEFGHJKLMNPRSTW')}. {family}"
        if form < 0.84:
            return self.initialled(given[0], family)
        if form < 0.9:
            return f"{given} {self.given_name(locale)} {family}"
        if form < 0.94:
            return f"{given} {family} {self.family_name(locale)}"
        if form < 0.955:
            return f"{given} {family}{rng.choice((' Jr.', ' Jr', ' III', ' II', ' Sr.'))}"
        if form < 0.965:
            return f'{given} "{self.given_name(locale)}" {family}'
        return f"{given}-{self.given_name(locale)} {family}" if form < 0.98 else f"{family} {given}"

    def initialled(self, initial: str, family: str) -> str:
        """Return a family name with initials, with and without dots and spaces between them."""
        letters = [initial, *self.rng.choices("ABCDEFGHJKLMNPRSTVW", k=self.rng.randint(0, 2))]
        dot, space = self.rng.choice((". ", ". ", ".", " ", "")), " "
        return dot.join(letters) + (dot.strip() or "") + space + family

    def slot(self, name: str) -> str:
        """Return what a slot of a template may hold."""
        rng = self.rng
        match name:
            case "name":
                return self.person()
            case "first":
                return self.given_name(self._locale())
            case "last":
                return self.family_name(self._locale())
            case "lastfirst":
                return f"{self.slot('last')}, {self.slot('first')}"
            case "family":
                return rng.choice(self.family[rng.choice(self.locales)])
            case "base":
                return rng.choice((*self.family["en_US"], *self.english))
            case "initials":
                return " ".join(f"{rng.choice('ABCDEFGHIJKLMNOPRSTVWZ')}." for _ in range(rng.randint(1, 2)))
            case "city":
                return rng.choice(self.large if rng.random() < 0.4 else self.towns)
            case "letters":
                return "".join(rng.choice("ABCDEFGHIKLMNOPRSTUVW") for _ in range(rng.randint(3, 4)))
            case "country":
                return rng.choice(self.english_lands if rng.random() < 0.75 else self.lands)
            case "job":
                job = rng.choice(self.jobs)
                return job if rng.random() < 0.5 else job.lower()
            case "word":
                return rng.choice(self.english)
            case "brand":
                word = rng.choice(self.english)
                return word if rng.random() < 0.4 else word + rng.choice(self.english).lower()
            case "heading":
                return " ".join(rng.choice(self.english) for _ in range(rng.randint(2, 5)))
            case "tech":
                return rng.choice(TRADE)
            case "listed":
                return rng.choice(LISTS["organizations"])
            case "nationality":
                return rng.choice(LISTS["nationality"])
            case "email":
                return f"{_ascii(self.given_name('en_US'))}.{rng.randint(1, 99)}@example.com"
            case "handle" | "tag":
                return _ascii(self.given_name("en_US")) + rng.choice(self.english)
            case "weekday":
                return rng.choice(calendar.day_name)
            case "month":
                return calendar.month_name[rng.randint(1, 12)]
            case "phone":
                return f"+{rng.randint(1, 99)} {rng.randint(100, 999)} 555 {rng.randint(1000, 9999)}"
            case "zip":
                return str(rng.randint(1000, 99999))
            case "year":
                return str(rng.randint(1850, 2026))
            case "version":
                return f"{rng.randint(0, 5)}.{rng.randint(0, 20)}"
            case "date":
                month, day = self.slot("month"), rng.randint(1, 28)
                return rng.choice(
                    (f"{day} {month} {self.slot('year')}", f"{month} {day}", f"2024-03-{day:02}")
                )
            case "num":
                return str(rng.randint(2, 99999 if rng.random() < 0.5 else 200))
            case _ if name in self.forms:
                form = rng.choice(self.forms[name]).replace("\0", " ")
                return _SLOT.sub(lambda match: self.slot(match[1]), form)
            case _:
                raise KeyError(f"no slot {name} in scripts/names")

    def fill(self, template: str) -> Labelled:
        """Fill a template's slots."""
        text, spans, position = "", list[Span](), 0
        for match in _SLOT.finditer(template):
            text += template[position : match.start()]
            value = self.slot(match[1])
            if label := _LABELS.get(match[1]):
                spans.append((len(text), len(text) + len(value), label))
            text += value
            position = match.end()
        return text + template[position:], spans

    def write(self, count: int, templates: list[str]) -> Iterator[Labelled]:
        """Yield labelled texts; some all in lower or in upper case."""
        for index in range(count):
            text, spans = self.fill(templates[index % len(templates)])
            draw = self.rng.random()
            if draw < 0.08 and len(text.lower()) == len(text):
                text = text.lower()
            elif draw > 0.95 and len(text.upper()) == len(text):
                text = text.upper()
            yield text, spans

    def substitute(self, texts: Iterable[Labelled]) -> Iterator[Labelled]:
        """Yield the texts that hold names, with other names of the same form in their place."""
        for text, spans in texts:
            result, marks, position = "", list[Span](), 0
            for start, end, label in spans:
                value = self._like(text[start:end], label)
                result += text[position:start]
                marks.append((len(result), len(result) + len(value), label))
                result += value
                position = end
            if marks:
                yield result + text[position:], marks

    def _like(self, old: str, label: str) -> str:
        rng = self.rng
        match label:
            case "PERSON" if " " in old:
                new = self.person()
            case "PERSON":
                new = self.slot(rng.choice(("first", "last")))
            case "LOCATION":
                new = self.slot(rng.choice(("city", "city", "country"))) if rng.random() < 0.8 else old
            case _:
                new = self.slot("org") if rng.random() < 0.4 else old
        if old.islower() and rng.random() < 0.5:
            return new.lower()
        return new.upper() if old.isupper() and len(old) > 4 else new


def _lines(name: str) -> list[str]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines if line and not line.startswith("; ")]


def _ascii(value: str) -> str:
    return "".join(c for c in value if c.isascii() and c.isalpha()) or "user"
