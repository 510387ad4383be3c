import os
from functools import partial

import anthropic
import litellm
import ollama
import openai
from google import genai
from google.genai import types
from openai import AsyncOpenAI, AzureOpenAI, OpenAI

from somewhere import CONFIG, make_client

client = OpenAI()
LIMIT = 500


def plain():
    client.chat.completions.create(model="gpt-5.5", messages=[])  # finds: unbounded-output
    client.chat.completions.create(model="gpt-5.5", messages=[], max_completion_tokens=LIMIT)
    client.chat.completions.create(model="gpt-4.1", messages=[], max_tokens=100)
    client.responses.create(model="gpt-5.5", input="x")  # finds: unbounded-output
    client.responses.create(model="gpt-5.5", input="x", max_output_tokens=100)
    client.responses.create(model="gpt-5.5", input="x", max_output_tokens=None)  # finds: unbounded-output
    client.responses.create(model="gpt-5.5", input="x", max_output_tokens=openai.NOT_GIVEN)  # finds: unbounded-output
    client.beta.chat.completions.parse(model="gpt-5.5", messages=[])  # finds: unbounded-output
    client.completions.create(model="gpt-3.5-turbo-instruct", prompt="x")
    client.embeddings.create(model="text-embedding-3-small", input="x")
    client.moderations.create(input="x")
    client.with_options(timeout=5).chat.completions.create(model="gpt-5.5", messages=[])  # finds: unbounded-output
    client.chat.completions.with_raw_response.create(model="gpt-5.5", messages=[])  # finds: unbounded-output


def unknown_is_not_missing(**kwargs):
    client.chat.completions.create(model="gpt-5.5", messages=[], **kwargs)
    client.chat.completions.create(model="gpt-5.5", messages=[], **CONFIG)
    client.chat.completions.create(**CONFIG.params())
    client.chat.completions.create(model="gpt-5.5", messages=[], max_tokens=CONFIG.limit)
    client.chat.completions.create(model="gpt-5.5", messages=[], max_tokens=int(os.environ["LIMIT"]))
    args = [1]
    client.chat.completions.create(*args)  # finds: unbounded-output


def dictionaries(flag):
    params = {"model": "gpt-5.5", "messages": []}
    client.chat.completions.create(**params)  # finds: unbounded-output
    bounded = {**params, "max_completion_tokens": 10}
    client.chat.completions.create(**bounded)
    params["max_completion_tokens"] = 10
    client.chat.completions.create(**params)
    maybe = dict(model="gpt-5.5", messages=[])
    if flag:
        maybe["max_completion_tokens"] = 10
    client.chat.completions.create(**maybe)
    updated = {"model": "gpt-5.5"}
    updated.update(messages=[], max_completion_tokens=5)
    client.chat.completions.create(**updated)
    dropped = {"model": "gpt-5.5", "messages": [], "max_completion_tokens": 10}
    dropped.pop("max_completion_tokens")
    client.chat.completions.create(**dropped)  # finds: unbounded-output
    escaped = {"model": "gpt-5.5"}
    CONFIG.fill(escaped)
    client.chat.completions.create(**escaped)


class Bot:
    bound = 300

    def __init__(self, limit=None):
        self.client = AsyncOpenAI()
        self.limit = limit

    async def answer(self):
        await self.client.chat.completions.create(model="gpt-5.5", messages=[])  # finds: unbounded-output
        await self.client.chat.completions.create(model="gpt-5.5", messages=[], max_tokens=self.bound)
        await self.client.chat.completions.create(model="gpt-5.5", messages=[], max_tokens=self.limit)


def azure():
    AzureOpenAI(api_version="x").chat.completions.create(model="d", messages=[])  # finds: unbounded-output


def annotated(service: OpenAI):
    service.responses.create(model="gpt-5.5", input="x")  # finds: unbounded-output


def from_outside():
    make_client().send("x")
    make_client().chat.completions.create(model="gpt-5.5", messages=[])  # finds: unbounded-output


def handed_on():
    ask = partial(client.responses.create, model="gpt-5.5", max_output_tokens=5)
    ask(input="x")
    unbounded = partial(client.responses.create, model="gpt-5.5")
    unbounded(input="x")  # finds: unbounded-output


def wrapper(prompt, max_tokens=None):
    return client.chat.completions.create(model="gpt-5.5", messages=[prompt], max_tokens=max_tokens)


def callers():
    wrapper("x", max_tokens=5)
    wrapper("x")  # finds: unbounded-output


def others():
    anthropic.Anthropic().messages.create(model="claude-sonnet-4-6", max_tokens=5, messages=[])
    anthropic.Anthropic().messages.create(model="claude-sonnet-4-6", messages=[])  # required: it raises
    litellm.completion("gpt-4o", [])  # finds: unbounded-output
    litellm.completion("gpt-4o", [], max_tokens=5)
    ollama.chat(model="llama3", messages=[])  # finds: unbounded-output
    ollama.chat(model="llama3", messages=[], options={"num_predict": 50})
    google = genai.Client()
    google.models.generate_content(model="gemini-2.5-flash", contents="x")  # finds: unbounded-output
    google.models.generate_content(
        model="gemini-2.5-flash", contents="x", config=types.GenerateContentConfig(max_output_tokens=5)
    )
    google.models.generate_content(model="gemini-2.5-flash", contents="x", config={"max_output_tokens": 5})
    google.models.generate_content(  # finds: unbounded-output
        model="gemini-2.5-flash", contents="x", config=types.GenerateContentConfig(temperature=0)
    )
    google.models.generate_content(
        model="gemini-3-pro-image", contents="x", config=types.GenerateContentConfig(response_modalities=["IMAGE"])
    )
    google.models.generate_content(
        model="gemini-3-pro-image", contents="x", config={"response_modalities": [types.Modality.IMAGE]}
    )
    google.models.generate_content(  # finds: unbounded-output
        model="gemini-3-pro-image", contents="x", config={"response_modalities": ["TEXT", "IMAGE"]}
    )
