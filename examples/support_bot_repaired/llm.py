"""The client, and the two calls that everything else uses."""

import logging
import os

import openai
from openai import AsyncOpenAI

from callsafe.redaction import protect

log = logging.getLogger(__name__)

MODEL = "gpt-5.5-2026-04-23"
client = protect(AsyncOpenAI(api_key=os.environ.get("OPENAI_API_KEY"), timeout=30, max_retries=3))


class Unavailable(Exception):
    """The model cannot be reached or refused the request."""


async def answer(instructions: str, question: str, user: str) -> str:
    try:
        reply = await client.responses.create(
            model=MODEL,
            instructions=instructions,
            input=question,
            max_output_tokens=500,
            safety_identifier=user,
            store=False,
        )
    except openai.OpenAIError as error:
        log.warning("no answer from the model: %s", type(error).__name__)
        raise Unavailable from error
    log.info("used %s tokens", reply.usage.total_tokens if reply.usage else "unknown")
    return reply.output_text


async def embed(texts: list[str]) -> list[list[float]]:
    try:
        reply = await client.embeddings.create(model="text-embedding-3-small", input=texts)
    except openai.OpenAIError as error:
        log.warning("no embedding from the model: %s", type(error).__name__)
        raise Unavailable from error
    return [item.embedding for item in reply.data]
