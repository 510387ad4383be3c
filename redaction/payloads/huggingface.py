"""Hugging Face inference: text generation and the tasks that take `inputs`; chat is OpenAI's format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events, Payload
from callsafe.redaction.payloads.shapes import Kind, keep

KEEP, TEXT, DATA, IMAGE = Kind.KEEP, Kind.TEXT, Kind.DATA, Kind.IMAGE

_PARAMETERS = keep(
    """
        adapter_id best_of decoder_input_details details do_sample frequency_penalty
        max_new_tokens repetition_penalty return_full_text seed temperature
        top_k top_n_tokens top_p truncate typical_p watermark clean_up_tokenization_spaces
        generate_parameters max_length min_length num_beams
        """
) | {"stop": TEXT, "stop_sequences": TEXT, "grammar": {"type": KEEP, "value": Kind.SCHEMA}}
_REQUEST: dict[str, Any] = {
    "inputs": TEXT, "parameters": _PARAMETERS, "stream": KEEP, "model": KEEP, "options": DATA,
    "normalize": KEEP,
    "prompt_name": KEEP, "truncate": KEEP, "truncation_direction": KEEP, "sentences": TEXT,
}  # fmt: skip


def _deltas(event: JSON) -> Iterator[Delta]:
    token = event.get("token") if isinstance(event, dict) else None
    if isinstance(token, dict) and isinstance(token.get("text"), str):
        yield Delta(token, "text", ("token",))


def _ends(event: JSON) -> Iterator[Channel]:
    if isinstance(event, dict) and (event.get("generated_text") is not None or event.get("details")):
        yield ()


def _carrier(event: JSON, _channel: Channel, text: str) -> JSON:
    token = {"id": 0, "logprob": 0.0, "special": False, "text": text}
    return {"index": event.get("index", 0), "token": token, "generated_text": None, "details": None}


def _wants_json(body: JSON) -> bool:
    parameters = body.get("parameters") if isinstance(body, dict) else None
    return isinstance(parameters, dict) and bool(parameters.get("grammar"))


EVENTS = Events(_deltas, _ends, _carrier)
_PAYLOAD = Payload("huggingface", _REQUEST, EVENTS, wants_json=_wants_json)

PAYLOADS = (
    (r"/(generate|generate_stream)", _PAYLOAD),
    (r"/models/[^:]+", _PAYLOAD),
    (r"/pipeline/[^:]+", _PAYLOAD),
)
"""Path endings and the format of what is posted there."""
