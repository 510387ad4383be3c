"""The credentials that detect-secrets' plugins know and our formats do not.

Its plugin classes are used for their patterns alone, with the span of the whole match: its filters hide
real keys (`x = f("…")`), `analyze_string` gives groups instead of values, and `analyze_line` reads
process-wide settings. Nothing of its settings is touched. The plugins that guess by entropy or by keyword
stay out, so do those that report what is no credential (public addresses, account ids) and those whose
formats `_cloud` has exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from callsafe.rules.credentials._judge import is_drawn
from callsafe.rules.credentials._placeholders import is_placeholder

_LEAST_ENTROPY = 2.8


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return (kind, pattern) of the plugins in use."""
    from detect_secrets.plugins.artifactory import ArtifactoryDetector
    from detect_secrets.plugins.cloudant import CloudantDetector
    from detect_secrets.plugins.ibm_cos_hmac import IbmCosHmacDetector
    from detect_secrets.plugins.mailchimp import MailchimpDetector
    from detect_secrets.plugins.npm import NpmDetector
    from detect_secrets.plugins.slack import SlackDetector
    from detect_secrets.plugins.softlayer import SoftlayerDetector

    plugins = (
        ArtifactoryDetector,
        CloudantDetector,
        IbmCosHmacDetector,
        MailchimpDetector,
        NpmDetector,
        SlackDetector,
        SoftlayerDetector,
    )
    found = [(str(plugin.secret_type), pattern) for plugin in plugins for pattern in plugin.denylist]
    return tuple(found)


def others(content: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, kind) of what detect-secrets' plugins find in a text, line by line, in characters.

    The span is that of the pattern's group where it has one that matched, without the quotes and blanks that
    some patterns take in.
    """
    position = 0
    for line in content.splitlines(keepends=True):
        if 20 <= len(line) <= 2000:
            for kind, pattern in _patterns():
                for found in pattern.finditer(line):
                    yield from _value(found, position, kind)
        position += len(line)


def _value(found: re.Match[str], position: int, kind: str) -> Iterator[tuple[int, int, str]]:
    group = next((n for n in range(1, (found.re.groups or 0) + 1) if found[n]), 0)
    value = found[group]
    bare = value.strip(" \t\r\n\"'=:")
    start = found.start(group) + value.find(bare)
    if is_drawn(bare, _LEAST_ENTROPY) and not is_placeholder(bare):
        yield position + start, position + start + len(bare), kind
