"""Other models for names in place of the embedded one, by one line of configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer
    from presidio_analyzer.nlp_engine import NlpEngine

KINDS = ("spacy", "stanza", "gliner", "transformers")


def open_model(address: str) -> tuple[NlpEngine | None, list[EntityRecognizer]]:
    """Open the model at an address "KIND:NAME" and return it as Presidio's engine or recognizers.

    `spacy:` takes the name of an installed pipeline or a folder; `stanza:` a language; `gliner:` and
    `transformers:` a folder with the model. Nothing is downloaded: a model that is not there raises
    `ValueError`.
    """
    kind, colon, name = address.partition(":")
    if not colon or not name or kind not in KINDS:
        raise ValueError(
            f"names = {address!r} is no model, write one of {', '.join(f'{kind}:NAME' for kind in KINDS)}"
        )
    if kind == "spacy":
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
        from spacy.util import is_package

        if not is_package(name) and not os.path.isdir(name):
            raise ValueError(
                f"the spaCy model {name!r} is not installed, run `python -m spacy download {name}` first"
            )
        return _opened(SpacyNlpEngine(models=[{"lang_code": "en", "model_name": name}])), []
    if kind == "stanza":
        from presidio_analyzer.nlp_engine import StanzaNlpEngine

        return _opened(
            StanzaNlpEngine(models=[{"lang_code": name, "model_name": name}], download_if_missing=False)
        ), []
    if not os.path.isdir(name):
        raise ValueError(f"there is no model in the folder {name!r}, download it there first")
    from presidio_analyzer import predefined_recognizers

    if kind == "gliner":
        return None, [predefined_recognizers.GLiNERRecognizer(model_name=name)]
    return None, [predefined_recognizers.HuggingFaceNerRecognizer(model_name=name)]


def _opened(engine: NlpEngine) -> NlpEngine:
    engine.load()
    return engine
