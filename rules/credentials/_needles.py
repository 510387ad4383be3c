"""Which texts detect-secrets' plugins are asked about: importing them costs more than a whole check."""

import re

_NEEDLES = (
    "AKC",
    "cloudant",
    "softlayer",
    "ailchimp",
    "_authToken",
    "sq0csp",
    "hooks.slack.com",
)
_EXACT = re.compile(
    r"[\s=:\"]AKC[a-zA-Z0-9]{10}|[0-9a-f]{32}-us[0-9]|(?:cloudant|softlayer)[^\n]{0,60}[0-9a-z]{24}|"
    r"_authToken=\s*[A-Fa-f0-9-]{36}|hooks\.slack\.com/services/T",
    re.IGNORECASE,
)


def has_needle(content: str) -> bool:
    """Tell whether a text may hold a credential that only detect-secrets' plugins know."""
    return any(needle in content for needle in _NEEDLES) and bool(_EXACT.search(content))
