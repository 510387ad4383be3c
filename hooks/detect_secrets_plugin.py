"""callsafe's credential formats as a plugin of detect-secrets.

    detect-secrets scan -p path/to/detect_secrets_plugin.py

The path is that of this file, which `python -c "import callsafe.hooks.detect_secrets_plugin as p;
print(p.__file__)"` prints. detect-secrets' own filters run before any plugin and drop every line of the
form `x = f("…")`, and values with a UUID in them: add `--disable-filter
detect_secrets.filters.heuristic.is_indirect_reference` and `--disable-filter
detect_secrets.filters.heuristic.is_potential_uuid` to keep those. A plugin sees one line at a time, so that
split keys, notebooks and names on other lines are for `callsafe check` alone.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from detect_secrets.plugins.base import BasePlugin

from callsafe.rules.credentials._scan import scan


class CallsafeDetector(BasePlugin):
    """Finds the credentials of AI providers, whole."""

    secret_type = "AI credential"

    def analyze_string(self, string: str, **_kwargs: Any) -> Generator[str, None, None]:
        """Yield the credentials in a string."""
        for match in scan(string):
            yield string[match.start : match.end]
