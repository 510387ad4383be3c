"""Postal addresses: a house number with a street, as far as the words of common languages tell one."""

from __future__ import annotations

import re

from callsafe.rules.personal_data.model import DataRule, Gate

_WAY = (
    "(?:Street|Avenue|Road|Boulevard|Lane|Drive|Court|Circle|Place|Square|Terrace|Way|Parkway|Highway|Route|Trail|Crescent|"
    "Close|Alley|Row|Mews|Walk|Loop|Turnpike|Expressway|Freeway|Quay|Grove|Gardens|Heights|Ridge|Crossing|Plaza|Esplanade|"
    "Causeway|Bypass)\\b|(?:St|Ave|Av|Rd|Blvd|Ln|Dr|Ct|Cir|Pl|Sq|Ter|Pkwy|Hwy|Trl|Cres|Gdns)\\b\\.?"
)
_WORD = r"(?:[A-Z][\w'’.]*|[A-Z]\.|\d{1,3}(?:st|nd|rd|th)|of|the|de|la)(?:-[A-Z]\w*)?"
_ROOM = r"(?i:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|Building|Bldg)\.?\s?#?\s?\d{1,5}[A-Za-z]?\b"
_HOME = r"(?i:Apt|Apartment|Suite|Ste|Flat)\.?\s?#?\s?\d{1,5}[A-Za-z]?\b"
_UNIT = rf"(?:,?\s{{1,3}}(?:{_ROOM}|#\s?\w{{1,6}}))?"
_STATE = (
    "A[AEKLPRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|"
    "UT|V[AIT]|W[AIVY]"
)
_TOWN = rf"(?:,\s{{1,3}}(?:[A-Z][\w'’.-]*[ ]?){{1,3}},?\s{{1,3}}(?:{_STATE})\b(?:\s{{1,3}}\d{{5}}(?:-\d{{4}})?)?)?"
_EUROPEAN_WORDS = (
    "Rue",
    "Avenue",
    "Boulevard",
    "Place",
    "Chemin",
    "Allée",
    "Quai",
    "Impasse",
    "Via",
    "Viale",
    "Piazza",
    "Corso",
    "Vicolo",
    "Largo",
    "Calle",
    "Avenida",
    "Paseo",
    "Plaza",
    "Carrer",
    "Camino",
    "Ronda",
    "Rua",
    "Travessa",
    "Praça",
    "Estrada",
    "Ulica",
    "ul.",
    "al.",
    "Aleja",
    "Strada",
    "Str.",
    "Jalan",
    "Trg",
    "Plac",
    "Náměstí",
    "Rynek",
    "Jl.",
    "Avda.",
    "Avda",
    "Ctra.",
    "Carretera",
    "Carrera",
    "Rambla",
    "Passeig",
    "C/",
    "Praceta",
    "Alameda",
    "Cours",
    "Lungarno",
    "Piazzale",
    "Contrada",
    "Calea",
    "Bulevardul",
)
_EUROPEAN = "|".join(map(re.escape, _EUROPEAN_WORDS))
_EUROPEAN_NEEDLES = tuple(f"{word.lower()} " for word in _EUROPEAN_WORDS)
_CAPITAL = r"(?:[^\W\d_a-z]\w{0,2}\.|(?:Avda|Blvd|Ctra|Pkwy)\.|[^\W\d_a-z](?:[\w'’-]*\w)?)"
_LINE = r",?[ ]{0,2}\n[\s>|*?-]{0,8}"
_MARKS = re.compile(r"[ ]*\n[ \t]*[>|*?-][\s>|*?-]*")
"""How a quoted line of an address goes on: the marks of the quotation belong to nobody."""
_GAP = rf"(?:[ ,]{{1,3}}|{_LINE})"
_PARTICLE = (
    r"(?:de|del|della|dello|delle|degli|dei|di|da|do|dos|das|du|des|la|le|les|los|las|el|al|aux|à|"
    r"d'|l'|der|den|y|e)"
)
_NAME = rf"(?:{_PARTICLE}\s)*(?:[dlDL]['’])?[^\W\d_a-z][\w'’.-]*"
_STREET_ENDINGS = (
    "straße",
    "strasse",
    "str.",
    "gasse",
    "weg",
    "platz",
    "allee",
    "damm",
    "ufer",
    "straat",
    "laan",
    "plein",
    "plaats",
    "kade",
    "singel",
    "dreef",
    "gracht",
    "gatan",
    "gata",
    "vägen",
    "vej",
    "veien",
    "gade",
    "katu",
    "vegur",
    "utca",
    "út",
    "stræti",
    "vænget",
    "wal",
    "markt",
    "steig",
    "graben",
    "chaussee",
    "veg",
    "vegen",
    "stigen",
    "gränd",
    "torget",
    "tie",
    "polku",
    "kuja",
)
_STREET = f"(?:{'|'.join(map(re.escape, _STREET_ENDINGS))})"
_STREET_WORDS = (
    "ulica",
    "ulice",
    "utca",
    "út",
    "tér",
    "rakpart",
    "cesta",
    "allé",
    "vej",
    "gade",
    "plads",
    "katu",
    "gate",
    "gata",
    "plass",
    "u.",
    "útja",
    "tere",
    "körút",
    "krt.",
    "köz",
    "trg",
    "sokak",
    "caddesi",
    "tänav",
    "puiestee",
    "iela",
    "gatvė",
)
_STREET_WORD = f"(?:{'|'.join(map(re.escape, _STREET_WORDS))})"
_LONG_STREET = r"[a-zß-ÿ]{3,20}(?:straße|strasse|straat|gatan|vägen|katu|weg|laan|utca|gasse|platz)"
"""Without a capital only what no other word ends in."""
_STREET_NEEDLES = tuple(f"{ending} " for ending in (*_STREET_ENDINGS, *_STREET_WORDS))


def _written_in_capitals(match: re.Match[str]) -> float | None:
    """Refuse counts in front of a capitalized name: `3 Way Stop`, `2024 Drive Report`."""
    value = match[0]
    return (
        0
        if re.match(r"(?:19|20)\d\d\s", value) is not None and "," not in value and len(value) < 20
        else None
    )


def _has_street_name(match: re.Match[str]) -> float | None:
    """Refuse where no word is written like a name: constants, acronyms, single letters."""
    return None if re.search(r"[^\W\d_a-z][^\W\d_A-Z]{2}", match[0]) is not None else 0


_SMALL_WORDS = re.compile(
    r"\b(?:an?|and|are|as|at|away|back|by|down|for|from|had|hard|has|have|in|into|is|its?|km|left|long|mi?|miles|more|"
    r"new|off?|on|open|or|other|out|over|per|public|right|than|that|the|their|these|this|those|to|up|was|were|with)\b"
)


def _ends_like_an_address(match: re.Match[str]) -> float | None:
    """Be sure of a street in lower case where the clause or line ends with it and no small word is inside."""
    if _SMALL_WORDS.search(match[0]) is not None or re.match(r"(?:19|20)\d\d ", match[0]) is not None:
        return None
    return 0.45 if re.match(r"\s*(?:[,\n]|$|apt|suite|unit|flat)", match.string[match.end() :][:12]) else None


def _documentation_address(value: str) -> bool:
    return (
        re.match(
            r"(?i)(?:123|1234|742|1600|221B)\s(?:main|any|elm|evergreen|example|fake|pennsylvania|amphi|baker|sample|test)",
            value,
        )
        is not None
    )


_CONTEXT = (
    "address",
    "live",
    "lives",
    "living",
    "home",
    "street",
    "ship",
    "deliver",
    "delivery",
    "mail",
    "office",
    "located",
)

_HOME_NEEDLES = ("apt ", "apt.", "apartment ", "suite ", "ste ", "ste.", "flat ")
_ROOM_NEEDLES = (*_HOME_NEEDLES, "unit ", "floor ", "room ", "building ", "bldg")

RULES = (
    DataRule(
        label="STREET_ADDRESS",
        name="street-address",
        pattern=re.compile(
            rf"(?<![\w.$/#-])\d{{1,6}}[A-Za-z]?(?:-\d{{1,4}})?,?\s{{1,2}}(?!The\b|A\b|An\b|Of\b)(?:[NSEW]\.?[EW]?\.?\s|North\s|South\s|East\s|West\s)?"
            rf"(?:{_WORD}\s{{1,2}}){{1,4}}?(?:{_WAY})(?:\s(?:[NSEW]{{1,2}}|North|South|East|West)\b)?{_UNIT}{_TOWN}"
        ),
        score=0.5,
        validate=_written_in_capitals,
        documentation=_documentation_address,
        context=_CONTEXT,
        gate=Gate.WIDE,
        examples=(
            "I live at 742 Evergreen Terrace, Springfield, OR 97403.",
            "ship to 1600 Pennsylvania Avenue NW",
            "221B Baker Street",
            "at 42 W 42nd St. Apt 5",
        ),
        counterexamples=(
            "2 ways to drive",
            "chapter 3 The Road to Serfdom",
            "10 street lights",
            "in 2024 Road works",
            "12 Angry Men",
        ),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="street-address-prefixed",
        pattern=re.compile(
            rf"(?<![\w.-])(?:\d{{1,5}}(?:\s?bis)?,?\s)?(?i:{_EUROPEAN})\s(?:{_NAME}[ ]){{0,4}}{_NAME}"
            rf"(?:,?\s(?:n[º°.]\s?)?\d{{1,5}}\b)?{_UNIT}"
        ),
        score=0.5,
        validate=lambda match: None if re.search(r"\d", match[0]) is not None else 0,
        documentation=lambda _value: False,
        context=_CONTEXT,
        needles=_EUROPEAN_NEEDLES,
        examples=(
            "12 rue de la République",
            "Calle de Alcalá 45",
            "Via Garibaldi, 7",
            "Avenida Paulista 1578",
        ),
        counterexamples=("via Twitter", "the place to be", "Plaza Mayor", "place 12 orders", "via 3 routes"),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="street-address-suffixed",
        pattern=re.compile(
            r"(?<![\w.-])(?:\d{1,5}[A-Za-z]?,? )?(?!Brigade|Renegade|Decade|Blockade|Arcade|Cascade)"
            rf"(?:[^\W\d_a-z][\w-]{{2,30}}(?:{_STREET}|-(?i:{_STREET}))|"
            rf"(?:[^\W\d_a-z][\w'’-]*\w )(?:[^\W\d_][\w'’-]*\w ){{0,2}}{_STREET_WORD}|{_LONG_STREET})"
            r" (?:[Nn][or][.:]? ?)?\d{1,4}(?:[A-Z]| ?[a-z])?\b(?:,?\s\d{4,5}\s[^\W\d_a-z][\w-]+)?"
        ),
        score=0.5,
        documentation=lambda value: value.startswith("Musterstr"),
        context=_CONTEXT,
        needles=_STREET_NEEDLES,
        examples=("Hauptstraße 12, 10115 Berlin", "Kungsgatan 4B", "Nassaustraat 123", "Gosposka ulica 61"),
        counterexamples=(
            "Hauptstraße",
            "Spring 12",
            "Highway 12",
            "Brigade 5",
            "Engineering 101",
            "Katie 12",
        ),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="post-office-box",
        pattern=re.compile(r"(?i)(?<!\w)(?:p\.? ?o\.?|(?:psc|unit|cmr)\s\d{1,5},?) ?box\s#?\d{1,6}(?!\w)"),
        score=0.5,
        documentation=lambda _value: False,
        context=_CONTEXT,
        needles=("box",),
        examples=("P.O. Box 1234", "PO Box 77", "PSC 4926, Box 7979"),
        counterexamples=("po box", "box 12"),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="address-with-unit",
        pattern=re.compile(
            rf"(?<![\w.$-])\d{{1,5}}[A-Za-z]?{_GAP}(?:(?:{_CAPITAL}|\d{{1,5}}|{_PARTICLE}|of){_GAP}){{1,6}}{_HOME}"
            rf"(?:(?:,[ ]{{0,2}}|{_LINE}){_CAPITAL}(?: {_CAPITAL}){{0,3}}){{0,3}}"
            rf"(?:(?:[ ,]{{1,2}}|{_LINE})(?:(?:{_STATE}) )?\d{{4,6}}(?:-\d{{4}})?\b)?"
        ),
        score=0.5,
        documentation=_documentation_address,
        context=_CONTEXT,
        between=_MARKS,
        needles=_HOME_NEEDLES,
        examples=(
            "40 Rue Haute 446 Suite 976",
            "at 12 Ringler Hill Apt. 460, Churton Park, NZ 38007",
            "> 7 Vesturgata 66\n> Suite 574\n> Reykjavík\n> Iceland 51262",
        ),
        counterexamples=("3 people in suite 12", "Section 3 of Unit 5", "12 Angry Men, room 5"),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="address-block",
        # In any case: from a line that begins with a number, over an apartment, to a postal code.
        pattern=re.compile(
            rf"(?m)^[ \t>|*?-]{{0,8}}(?P<value>\d{{1,5}} [^\n]{{2,60}}?{_GAP}{_HOME}"
            rf"(?:(?:,[ ]{{0,2}}|{_LINE})[^\W\d][^\n\d,]{{1,40}}){{0,3}}(?:[ ,]{{0,2}}|{_LINE})\b\d{{4,6}}\b)"
        ),
        score=0.5,
        documentation=_documentation_address,
        context=_CONTEXT,
        between=_MARKS,
        needles=_HOME_NEEDLES,
        examples=("to\n16 salontie 6\n apt. 523\n urjala\n finland 58673\n",),
        counterexamples=("12 of us took suite 5 and paid 4000", "3 rooms, apt 5"),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="address-in-context",
        pattern=re.compile(
            rf"(?<![\w.$/#-])\d{{1,5}}[A-Za-z]?(?: (?:{_CAPITAL}|{_PARTICLE})){{1,5}}(?: \d{{1,5}}\b)?"
        ),
        score=0.05,
        validate=_has_street_name,
        documentation=_documentation_address,
        context=(
            "address",
            "lives at",
            "live at",
            "living at",
            "resides at",
            "located at",
            "ship to",
            "deliver to",
            "delivered to",
            "moved to",
            "sent to",
            "office is at",
            "return to",
        ),
        gate=Gate.WIDE,
        examples=("his address: 85 Trg Revolucije 12", "Christina lives at 95 Lille Vibyvej"),
        counterexamples=(
            "address 273 IPV6",
            "address 0, EISCONN",
            "she lives at number 9",
            "we met 85 Members of Parliament",
            "moved to 3 rooms",
        ),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="address-unit",
        pattern=re.compile(rf"(?<![\w-]){_ROOM}"),
        score=0.05,
        context=(
            "address",
            "street",
            "avenue",
            "road",
            "live",
            "lives",
            "ship",
            "deliver",
            "apartment",
            "resident",
        ),
        needles=_ROOM_NEEDLES,
        examples=("my address is Apt. 12", "Maple Street, Suite 98"),
        counterexamples=("unit 5 of the course", "flat 10 percent"),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="us-state-and-zip",
        pattern=re.compile(
            rf"(?<![\w-])(?:(?:(?:USS|USNS|USNV|USCGC|HMS)\s[A-Z]\w+,?\s{{1,3}})?(?:(?i:[AFD]PO)\s))?(?:{_STATE}|(?<=[adf]po\s)a[aep])\s{{1,2}}\d{{5}}(?:-\d{{4}})?(?![\w-]|\.\d)"
        ),
        score=0.5,
        documentation=lambda value: "90210" in value or "12345" in value,
        context=_CONTEXT,
        examples=("Springfield, IL 62704", "APO AP 96310", "New York, NY 10001-0001"),
        counterexamples=("IL 6270", "XX 62704", "version OK 123456"),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="postal-code",
        pattern=re.compile(
            r"(?<![\w.-])(?:\d{5}(?:-\d{4})?|\d{3}-\d{4}|"
            r"[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})"
            r"(?![\w-]|\.\d)"
        ),
        score=0.05,
        documentation=lambda value: value[:5] in ("90210", "12345", "SW1A", "00000"),
        context=(
            "zip",
            "zipcode",
            "zip code",
            "postal",
            "postcode",
            "postal code",
            "plz",
            "code postal",
            "cap",
        ),
        needles=("zip", "postal", "postcode", "plz"),
        examples=("my zip code is 98547", "postcode SW1A 1AA", '"postal_code": "K1A 0B6"'),
        counterexamples=("order 98547", "port 98547"),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="street-corner",
        pattern=re.compile(
            rf"\bcorner of (?P<value>(?:{_CAPITAL} ){{1,4}}(?:\d{{1,4}} )?and (?:\d{{1,4}} )?"
            rf"(?:(?:{_CAPITAL}|{_PARTICLE}) ?){{1,5}}(?:\b\d{{1,4}}\b)?)"
        ),
        score=0.5,
        documentation=lambda _value: False,
        needles=("corner of ",),
        examples=(
            "Meet me at the corner of Koepoortwal 115 and Hansen Street",
            "corner of Fifth Avenue and Ninth",
        ),
        counterexamples=("in a corner of the room", "the corner of Mary and the wall"),
    ),
    DataRule(
        label="STREET_ADDRESS",
        name="street-address-in-lower-case",
        pattern=re.compile(
            r"(?<![\w.$/#-])\d{1,5},? (?:\w+ ){1,3}?"
            r"(?:street|avenue|road|boulevard|lane|drive|court|square|terrace|parkway|highway)\b"
        ),
        score=0.05,
        validate=_ends_like_an_address,
        documentation=_documentation_address,
        context=(
            "address",
            "live",
            "lives",
            "living",
            "moved",
            "ship",
            "deliver",
            "delivery",
            "located",
            "reside",
            "send",
        ),
        gate=Gate.WIDE,
        examples=(
            "she lives at 19 folkestone road",
            "my address is 12 old mill lane",
            "it arrived at 99 park avenue, red deer",
        ),
        counterexamples=(
            "2 ways to drive",
            "he had 3 court cases",
            "we saw 3 of the road, then left",
            "10 street lights",
        ),
    ),
)
