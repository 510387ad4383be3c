"""The client, and the two calls that everything else uses."""

from openai import OpenAI

client = OpenAI(api_key="q8Zr2LmK0pTwXv5yB3nH", max_retries=0)

MODEL = "gpt-4-0314"


def complete(messages: list[dict[str, str]], **options: object) -> str:
    reply = client.chat.completions.create(model=MODEL, messages=messages, **options)
    return reply.choices[0].message.content or ""


def embed(text: str) -> list[float]:
    return client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding
