"""What the name model sees: candidate runs of tokens, and the features of each token in a run.

The model judges only *runs*: capitalised words, lower-case words that the gazetteer knows as names, and what
may join them ("de la", "of the", "&"). Everything else is no name and is only context. Features are strings;
those that depend on one token alone are separate functions, so that the model can cache the sum of their
weights per token.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from callsafe.redaction.names.tokens import Kind, Token

# Bits of the gazetteer, per lower-cased word.
GIVEN, FAMILY, POPULAR, PLACE, PLACE_PART, COUNTRY, COMMON, PRODUCT = (1 << n for n in range(8))
CUES = ("person", "reporting", "organization", "place", "calendar", "nationality")  # bits 8 to 13
CITY = 1 << 14
"""A town of 200,000 people or more."""
_LETTERS = "fspcqdwxrvolmzb"

_CUES = sum(1 << n for n in range(8, 13))

# fmt: off
PARTICLES = frozenset((
    "de", "del", "della", "da", "das", "do", "dos", "di", "du", "la", "le", "las", "los", "el", "al",
    "bin", "ibn", "bint", "ben", "van", "von", "der", "den", "ter", "ten", "te", "zu", "zur", "y", "e",
    "i", "af", "av", "und", "san", "st",
))
JOINERS = PARTICLES | {"of", "the", "and", "&", "'", "-", "–"}
TITLES = frozenset((
    "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "miss", "dr", "dr.", "prof", "prof.", "professor", "sir",
    "dame", "lord", "lady", "herr", "frau", "monsieur", "madame", "señor", "señora", "sr", "sra",
))
RANKS = frozenset((
    "col", "colonel", "general", "brigadier", "maj", "major", "lt", "lieutenant", "capt", "captain",
    "sgt", "sergeant", "corporal", "adm", "admiral", "vice-admiral", "commodore", "commander", "cmdr",
    "president", "premier", "minister", "chancellor", "senator", "congressman", "congresswoman",
    "governor", "gov", "mayor", "ambassador", "secretary", "attorney", "highness", "majesty",
    "excellency", "detective", "inspector", "superintendent", "constable", "archbishop", "reverend",
))
SUFFIXES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "iv"))
# fmt: on
INTRODUCERS = frozenset(("is", "am", "i'm", "im", "named", "called", "dear", "hi", "hello", "hey"))
_PEOPLE = GIVEN | FAMILY
_ENDS = frozenset((".", "!", "?", "\n", "\n\n"))
_I = frozenset(("i", "i'm", "i'll", "i've", "i'd"))


class Entry(NamedTuple):
    """What is known of a word in any case: the gazetteer's bits, how it is written, and its word clusters.

    `case` is 0 for a word without record, 1 (hardly ever a capital) to 5 (hardly ever none), 6 in capitals;
    `often` 0 to 5. A cluster is the path in a tree of clusters (Brown et al. 1992), as bits.
    """

    bits: int = 0
    case: int = 0
    often: int = 0
    title: str = ""
    lower: str = ""


UNKNOWN = Entry()
Lookup = Callable[[str], Entry]


class Word(NamedTuple):
    """What features need of one token, whatever stands around it."""

    lower: str
    shape: str
    bits: int
    cls: str
    upper: bool
    alpha: bool
    use: str = ""
    cluster: str = ""


def _compound(lower: str, lookup: Lookup) -> Entry:
    """Return what is known of a word with hyphens: of itself, else of its parts.

    A part that is listed as a name makes it one, unless all are ordinary words.
    """
    whole = lookup(lower)
    if whole != UNKNOWN:
        return whole
    parts = [lookup(part) for part in lower.replace("‐", "-").split("-")]
    if all(part.bits & COMMON for part in parts):
        return max(parts, key=lambda part: part.often)._replace(bits=COMMON)
    named = 0
    for part in parts:
        named |= part.bits & (GIVEN | FAMILY | PLACE)
    return Entry(named)


def describe(text: str, lookup: Lookup) -> Word:
    """Describe a token's text (see `tokens.Token.text`)."""
    alpha = text[0].isalpha()
    if not alpha:
        return Word(text, text[0], 0, "`" if text[0] == "`" else text, False, False)
    lower = text.lower()
    bits, case, often, title, plain = (
        _compound(lower, lookup) if "-" in lower or "‐" in lower else lookup(lower)
    )
    shape, upper = _shape(text), text[0].isupper()
    cluster = title if upper else plain
    return Word(
        lower, shape, bits, f"{shape}/{_coarse(bits)}", upper, True, f"{case}{often}" if case else "", cluster
    )


def _gazetteer(bits: int) -> str:
    return "".join(letter for n, letter in enumerate(_LETTERS) if bits >> n & 1)


@lru_cache(1 << 14)
def _coarse(bits: int) -> str:
    """Return the few classes that combined features tell apart."""
    if bits & POPULAR:
        name = "p"
    elif bits & GIVEN:
        name = "n" if bits & FAMILY else "f"
    else:
        name = "s" if bits & FAMILY else ""
    place = "d" if bits & (COUNTRY | CITY) else "c" if bits & PLACE and not bits & POPULAR else ""
    return name + place + _gazetteer(bits & ~(GIVEN | FAMILY | POPULAR | PLACE | PLACE_PART | COUNTRY | CITY))


@lru_cache(4096)
def _shape(text: str) -> str:
    if text.isascii() and text.isalpha() and len(text) > 1:
        if text.islower():
            return "xx"
        if text[1:].islower():
            return "Xx"
        if text.isupper():
            return "XX"
    marks: list[str] = []
    if text[:2] == "Mc" and len(text) > 3:
        text = text[:2] + text[2:].lower()
    for character in text:
        mark = "X" if character.isupper() else "x" if character.isalpha() else character
        if len(marks) < 2 or marks[-1] != mark or (mark == "X" and marks[-2] != mark):
            marks.append(mark)
        if len(marks) >= 6:
            break
    return "".join(marks)


def own(word: Word) -> list[str]:
    """Return the features of a token that come from its own text."""
    lower, shape = word.lower, word.shape
    gazetteer = _gazetteer(word.bits)
    bounded = f"^{lower[:16]}$"
    features = [
        "b",
        f"w={lower}",
        f"h={shape}",
        f"c={word.cls}",
        f"g={gazetteer}",
        f"l={min(len(lower), 12)}",
        f"p2={lower[:2]}",
        f"p3={lower[:3]}",
        f"s1={lower[-1:]}",
        f"s2={lower[-2:]}",
        f"s3={lower[-3:]}",
        f"s4={lower[-4:]}",
    ]
    features += [f"g:{letter}" for letter in gazetteer]
    features += [f"t={bounded[n : n + 3]}" for n in range(len(bounded) - 2)]
    if not lower.isascii():
        features.append("a")
    use, cluster = word.use, word.cluster
    features += [f"u={use}", f"u:{use[:1]}|{shape}", f"u:{use[:1]}|{gazetteer}"]
    if cluster:
        features += [f"k4={cluster[:4]}", f"k6={cluster[:6]}", f"k9={cluster[:9]}", f"k={cluster}"]
    return features


def beside(word: Word, offset: str) -> list[str]:
    """Return the features that a neighbour contributes; `offset` is one of -2 -1 1 2."""
    features = [f"{offset}w={word.lower}", f"{offset}c={word.cls}"]
    if word.alpha and offset in ("-1", "1"):
        features += [f"{offset}s={word.lower[-3:]}", f"{offset}h={word.shape}"]
        features += [f"{offset}g:{letter}" for letter in _gazetteer(word.bits)]
        features.append(f"{offset}u={word.use[:1]}|{word.shape}")
    if word.cluster:
        features += [f"{offset}k6={word.cluster[:6]}", f"{offset}k={word.cluster}"]
    return features


def together(
    before2: Word, before: Word, word: Word, after: Word, after2: Word, keyword: str, place: str, style: str
) -> list[str]:
    """Return the features that need more than one token.

    `keyword` is the nearest word or key before the run's token, `place` where in the run and sentence the
    token stands, `style` how the rest of its line is written.
    """
    cls, own = word.cls, word.cluster[:7]
    return [
        f"A{before.lower}|{cls}",
        f"B{cls}|{after.lower}",
        f"C{before.cls}|{cls}",
        f"D{cls}|{after.cls}",
        f"E{before.cls}|{word.shape}|{after.cls}",
        f"F{keyword}",
        f"G{keyword}|{cls}",
        f"H{place}|{cls}",
        f"I{style}|{cls}",
        f"J{style}|{place}",
        f"K{before2.lower}|{before.lower}",
        f"L{after.lower}|{after2.lower}",
        f"M{before2.cls}|{before.cls}|{word.shape}",
        f"N{before.cluster[:9]}|{cls}",
        f"O{cls}|{after.cluster[:9]}",
        f"P{before.cluster[:7]}|{own}",
        f"Q{own}|{after.cluster[:7]}",
        f"R{word.use[:1]}|{place}",
        f"S{before.cluster[:7]}|{word.shape}|{after.cluster[:7]}",
    ]


EDGE = Word("\n\n", "\n", 0, "\n\n", False, False)


def runs(tokens: Sequence[Token], words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield the runs `start, stop` (token indices) that may hold names, in order."""
    n, index = len(tokens), 0
    lowered = _lowered(tokens, words)
    while index < n:
        if not _candidate(tokens, words, index, lowered):
            index += 1
            continue
        stop = index + 1
        while stop < n:
            if _candidate(tokens, words, stop, lowered) or (stop in lowered and _follows(words, stop)):
                stop += 1
                continue
            ahead = stop
            while ahead < n and ahead - stop < 3 and words[ahead].lower in JOINERS:
                ahead += 1
            if ahead == stop or ahead >= n or not _candidate(tokens, words, ahead, lowered):
                break
            stop = ahead + 1
        start = index
        if stop - start == 1 and _opener(words, start):
            index = stop
            continue
        yield start, stop
        index = stop


def _lowered(tokens: Sequence[Token], words: Sequence[Word]) -> set[int]:
    """Return the tokens of sentences that are written without capitals."""
    lowered: set[int] = set()
    begin, capital, plain = 0, False, Kind.WORD
    for index, (token, word) in enumerate(zip(tokens, words, strict=True)):
        if word.upper:
            capital = capital or (token.kind is plain and word.lower not in _I)
        elif not word.alpha and word.lower in _ENDS:
            if not capital:
                lowered.update(range(begin, index))
            begin, capital = index + 1, False
    if not capital:
        lowered.update(range(begin, len(tokens)))
    return lowered


def _candidate(tokens: Sequence[Token], words: Sequence[Word], index: int, lowered: set[int]) -> bool:
    word = words[index]
    if not word.alpha or tokens[index].kind is not Kind.WORD:
        return False
    if word.upper:
        return word.lower not in _I
    bits = word.bits
    if bits & COMMON or len(word.lower) < 3:
        return False
    if bits & POPULAR or (bits & _PEOPLE and word.use[:1] in ("4", "5")):
        return True
    if index in lowered and word.use[:1] in ("4", "5"):
        return True
    if index in lowered and bits & (GIVEN | FAMILY | PLACE | COUNTRY):
        return True
    before = words[index - 1].lower if index else ""
    return before in TITLES or before in RANKS or (index in lowered and before in INTRODUCERS and not bits)


def _follows(words: Sequence[Word], index: int) -> bool:
    """Whether a lower-case word goes on with a lower-case name."""
    word, before = words[index], words[index - 1]
    return (
        word.alpha
        and not word.bits & COMMON
        and len(word.lower) > 2
        and not before.upper
        and bool(before.bits & (GIVEN | FAMILY))
    )


def _opener(words: Sequence[Word], index: int) -> bool:
    """Whether a lone capital is only that of an ordinary word at the start of a sentence."""
    word = words[index]
    return word.bits & ~_CUES == COMMON and (not index or words[index - 1].cls in '\n\n.!?:"“*•-')


def run_features(words: Sequence[Word], start: int, stop: int) -> Iterator[list[str]]:
    """Yield for each token of a run the features that need more than one token."""
    n = len(words)
    length = min(stop - start, 5)
    style = line_style(words, start, stop)
    keyword = ""
    for index in range(start - 1, max(start - 6, -1), -1):
        if words[index].alpha or len(words[index].lower) > 1:
            keyword = words[index].lower
            break
    opens = not start or words[start - 1].cls in "\n\n.!?"
    closes = stop == n or words[stop].cls in "\n\n"
    for index in range(start, stop):
        at = "0" if index == start else "9" if index == stop - 1 else "1"
        place = f"{length}{at}{'o' if opens else ''}{'c' if closes else ''}"
        yield together(
            words[index - 2] if index > 1 else EDGE,
            words[index - 1] if index else EDGE,
            words[index],
            words[index + 1] if index + 1 < n else EDGE,
            words[index + 2] if index + 2 < n else EDGE,
            keyword,
            place,
            style,
        )


def line_style(words: Sequence[Word], start: int, stop: int) -> str:
    """Return how the line around a run is written: U(pper), T(itle), l(ower), m(ixed case), - for alone."""
    capitals = smalls = shouted = 0
    for step, index in ((-1, start - 1), (1, stop)):
        for _ in range(8):
            if not 0 <= index < len(words) or words[index].cls in ("\n", "\n\n"):
                break
            word = words[index]
            index += step
            if word.alpha and len(word.lower) > 2:
                if word.shape == "XX":
                    shouted += 1
                elif word.upper:
                    capitals += 1
                else:
                    smalls += 1
    if capitals + smalls + shouted == 0:
        return "-"
    if shouted > capitals + smalls:
        return "U"
    if capitals > smalls:
        return "T"
    return "l" if not capitals else "m"
