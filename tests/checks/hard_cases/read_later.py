"""What packages do that were read after the first figures: each of these was missed, or listed wrongly, once."""

import inspect
import json
import urllib.request

import dspy
import requests
from langchain_core.language_models import BaseChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import PromptTemplate
from langchain_openai import ChatOpenAI
from openai import AzureOpenAI, OpenAI
from smolagents import CodeAgent


class Outline(dspy.Module):
    def __init__(self):
        self.write_outline = dspy.Predict("topic -> outline")

    def forward(self, topic):
        return self.write_outline(topic=topic)  # call: sdk="dspy" operation="__call__"


class Node:
    def __init__(self, config):
        self.llm_model = config["llm"]

    def run(self, text):
        prompt = PromptTemplate(template="{x}", partial_variables={"x": text})
        chain = prompt | self.llm_model | StrOutputParser()
        return chain.invoke({})  # call: sdk="langchain_core" output_bound=? retries=?

    def choose(self):
        if isinstance(self.llm_model, ChatOpenAI):
            self.llm_model.temperature = 0
        return (PromptTemplate.from_template("x") | self.llm_model).invoke({})  # call: output_bound=? retries=? timeout=?


class Faster(OpenAI):
    def embed(self, text):
        return super().embeddings.create(model="text-embedding-3-small", input=text)  # call: sdk="openai"


class Own(BaseChatModel):
    def _generate(self, messages, **kwargs):
        return self.inner(messages)

    def invoke(self, text, **kwargs):
        return super().invoke(text, **kwargs)  # its own `_generate` asks, if anything does


def looks(client: OpenAI):
    return inspect.iscoroutinefunction(client.chat.completions.create)


def starts(config, chat):
    chat(config.chat.stream, config.chat.model)


def parameters(client: OpenAI, **kwargs):
    body = {"max_completion_tokens": 5, **kwargs}
    client.chat.completions.create(messages=[], **body)  # call: output_bound=?


def parameters_that_stay(client: OpenAI, model="gpt-5.5", **kwargs):
    body = {"model": "gpt-5.5", "max_completion_tokens": 5, **kwargs}
    client.chat.completions.create(messages=[], **body)  # call: model="gpt-5.5" output_bound=?


def perhaps_given(client: OpenAI, **kwargs):
    kwargs.setdefault("max_completion_tokens", 5)
    client.chat.completions.create(messages=[], **kwargs)  # call: output_bound=?


def outside(model):
    CodeAgent(tools=[], model=model).run("x")  # call: timeout=? output_bound=? retries=?


class Store:
    def __init__(self):
        self.embeddings = ChatOpenAI()


def embeds(client):
    client.embeddings.create(model="text-embedding-3-small", input="x")  # call: sdk="openai"


request = urllib.request.Request("https://api.openai.com/v1/responses", data=json.dumps({}).encode())
urllib.request.urlopen(request, timeout=5)  # call: sdk="urllib" timeout=5 output_bound=?
urllib.request.urlopen("https://api.openai.com/v1/models")


def post(url, body):
    return requests.post(url, json=body)  # call: sdk="requests" timeout=-


def reranks(base_url="https://api.cohere.com/v2/rerank"):
    return post(base_url, {})  # via: timeout=-


def usage(number):
    return requests.get(f"https://openrouter.ai/api/v1/generation?id={number}") or requests.post(
        f"https://openrouter.ai/api/v1/generation?id={number}"
    )


def handed(llm: "AzureOpenAI | None" = None, *, model: BaseChatModel):
    return model.invoke("x")  # call: sdk="langchain_core"


class NotAModel:
    pass


handed(model=NotAModel())
