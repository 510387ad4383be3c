"""Values that stand where a credential goes and are none: `is_placeholder`.

Documentation and examples are full of them: `YOUR_API_KEY`, `sk-...`, `xxxx`, `${OPENAI_API_KEY}`, `EMPTY`
for a local server, ids of tool calls. Random values must pass: short words count only where something sets
them off from their surroundings, because every short word occurs in some random key.
"""

import re
from functools import cache
from itertools import pairwise

_WORDS = """
abc abcd api api-key api_key apikey auth bar baz bearer changeit changeme credential credentials debug
default demo dummy empty example fake foo foobar hello here hf_xxx hidden hunter2 ignored key lm-studio
lm_studio local localhost mock n/a na nil no-auth no-key no-key-needed no-key-required no-token no_key
no_key_needed none not-needed not-required not-used not_needed not_required not_used nothing notneeded
notrequired null ollama pass passwd password placeholder private pwd redacted sample secret sk
sk-no-key-required string stub tbd test testing tests todo token undefined unknown unset unused value
vllm xai xxx yes
"""
_WHOLE = frozenset(_WORDS.split())

_SET_OFF = re.compile(
    r"(?:^|[^A-Za-z0-9])(?:your|yours|my|fake|dummy|mock|mocked|sample|demo|test|tests|testing|foo|foobar|bar|example|"
    r"todo|tbd|here|insert|replace|enter|paste|change|changeme|invalid|wrong|bad|bogus|nope|unused|redacted|hidden|"
    r"removed|masked|secret|key|apikey|api|token|goes|this|the|some|any|valid|real|none|null|empty|local|not|"
    r"needed|required|placeholder|abc|abcd|xyz|val|value|string|string_here)(?=[0-9]{0,4}(?:$|[^A-Za-z0-9]))",
    re.IGNORECASE,
)
_CAMEL = re.compile(
    r"(?:[Yy]our|[Mm]y|[Tt]est|[Ff]ake|[Dd]ummy|[Mm]ock|[Ss]ome|[Tt]he)(?:[A-Z][a-z]+|API|ID)+[0-9]{0,3}"
)
_HUMP = re.compile(r"[A-Z][a-z]{3,}")
_LONG = re.compile(
    r"your[_-]|_here$|-here$|example|placehold|change_?me|dummy[_-]|insert[_-]|replace[_-]|redacted|xxxxx|fake_?key|"
    r"test_?key|api_?key|secret_?key|access_?key|lorem|qwerty|asdfgh|zxcvb|deadbeef|foobar|abcdef|012345|12345678|"
    r"98765432|notarealkey|not[_-]?real|sanitized|obfuscated",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"\$\{|\{\{|\}\}|\$\(|^\$|^%\w+%$|^<.*>$|^\[.*\]$|^\{.*\}$|^__\w+__$|\.\.\.|…|\*\*\*|•|^@@.*@@$|\s"
)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_REFERENCE = re.compile(
    r"[a-z_][a-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+(?:\(.*\)|\[.*\])?|(?:os\.environ|getenv|process\.env).*"
)
_OBJECT_ID = re.compile(
    r"(?:call|toolu|tooluse|chatcmpl|cmpl|resp|msg|run|thread|asst|file|batch|step|req|gen|item|event|modr|ftjob|"
    r"srvtoolu|msgbatch|org|proj|user)[_-][A-Za-z0-9]{8,40}"
)


def is_placeholder(value: str) -> bool:
    """Tell whether a value in a credential's place is a stand-in and not a credential.

    True for markup (`${KEY}`, `{{ key }}`, `<key>`, `sk-...`), words (`test`, `EMPTY`, `your-api-key`,
    `ollama`), names of environment variables, references (`settings.key`), ids of tool calls and other
    objects, repeated or counted-up characters, values without letters and digits. Linear in the length.
    """
    bare = value.strip().strip("\"'`")
    if len(bare) < 4 or bare.lower() in _WHOLE or _MARKUP.search(bare):
        return True
    if (
        _VARIABLE.fullmatch(bare)
        or _OBJECT_ID.fullmatch(bare)
        or (len(bare) < 40 and _REFERENCE.fullmatch(bare))
    ):
        return True
    return is_made_up(bare)


def is_made_up(value: str) -> bool:
    """Tell whether a value of a credential's shape was typed and not drawn: words, repetition, alphabets."""
    words = _SET_OFF.search(value)
    if words and (not any(map(str.isdigit, value)) or len(value) < 24 or _mostly_words(value)):
        return True
    if _CAMEL.fullmatch(value) or (_LONG.search(value) and not _is_drawn(value)):
        return True
    return _is_monotonous(value) or _is_camel(value) or (_mostly_words(value) and value.count("_") > 1)


def _is_camel(value: str) -> bool:
    """Tell whether the value is a name in camel case (`ExternalKeysPostRequest`)."""
    return len(value) >= 16 and sum(map(len, _HUMP.findall(value))) > 0.75 * len(value)


def _is_drawn(value: str) -> bool:
    """Tell whether a value that holds a made-up piece is random all the same."""
    rest = _LONG.sub("", value)
    humps = sum(map(len, _HUMP.findall(rest)))
    if len(rest) < 32 or len(set(rest)) < 12 or humps > 0.35 * len(rest):
        return False
    return not _is_monotonous(rest) and not _mostly_words(rest)


def _mostly_words(value: str) -> bool:
    """Tell whether more than half of the value are words set off by `-`, `_` or other marks."""
    pieces = re.split(r"[^A-Za-z0-9]+", value)
    plain = sum(
        len(p) for p in pieces if len(p) <= 12 and p.isalpha() and (p.islower() or p.isupper() or p.istitle())
    )
    return len(pieces) > 2 and plain > 0.5 * sum(map(len, pieces))


def _is_monotonous(value: str) -> bool:
    """Tell whether the value is one character, a short piece again and again, or counted up or down."""
    letters = [c for c in value if c.isalnum()]
    length = len(letters)
    if length < 3:
        return True
    if length >= 12 and len(set(letters)) < _fewest(length):
        return True
    text = "".join(letters)
    if length >= 12 and any(text[period:] == text[:-period] for period in range(1, min(20, length // 2) + 1)):
        return True
    codes = text.lower().encode("utf-8", "replace")
    counted = sum(abs(a - b) <= 1 for a, b in pairwise(codes))
    return length >= 8 and counted > 0.5 * length


@cache
def _fewest(length: int) -> int:
    """Return how many different characters a random hexadecimal value has at the very least."""
    return 5 if length < 20 else 7
