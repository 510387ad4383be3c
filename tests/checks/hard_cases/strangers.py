"""What code of strangers does: each of these was missed once."""

import importlib
import os

import boto3
import google.generativeai as genai
import requests
from autogen_agentchat.teams import BaseGroupChat
from autogen_core.models import ChatCompletionClient
from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from litellm import completion
from openai import AsyncOpenAI, OpenAI
from pydantic_ai import Agent


class Lazy:
    _module = None

    def __getattr__(self, name):
        self._load()
        return getattr(self._module, name)

    def _load(self):
        self._module = importlib.import_module("litellm")


litellm = Lazy()
litellm.completion(model="gpt-5.5", messages=[], timeout=5)  # call: sdk="litellm" timeout=5

ollama = __import__("ollama")
ollama.Client("http://host").chat(model="m", messages=[])  # call: sdk="ollama"


class Shorter(genai.GenerativeModel):
    def count(self, text):
        return len(text)


Shorter("gemini-3-pro").generate_content("x")  # call: sdk="google_generativeai"

Agent[int, str]("openai:gpt-5.5").run_sync("x")  # call: sdk="pydantic_ai"


def piped(chat: ChatOpenAI):
    chat = chat.bind(max_tokens=9).pipe(str)
    chat.invoke("x")  # call: output_bound=9


class Checked:
    def __init__(self, config=None):
        self.config = config
        if not isinstance(self.config.model, BaseChatModel):
            raise TypeError(self.config.model)
        self.model = self.config.model

    def ask(self, tools):
        model = self.model
        if tools:
            model = model.bind_tools(tools)
        return model.invoke("x")  # call: output_bound=?


class Provider:
    def __init__(self, llm):
        self.llm = llm

    @classmethod
    def named(cls, name, **options):
        if name == "small":
            llm = ChatOpenAI(max_tokens=5)
        else:
            llm = ChatOpenAI(max_tokens=5, model=name)
        return cls(llm)

    def ask(self):
        return self.llm.invoke("x")  # call: output_bound=5


Provider.named("small").llm.bind_tools([]).invoke("x")  # call: output_bound=5


class Holder:
    aclient: AsyncOpenAI | None = None


def held(holder: Holder):
    return holder.aclient.images.generate(prompt="x")  # call: sdk="openai" operation="images.generate"


def bedrock(runtime):
    return runtime.converse(modelId="m", inferenceConfig={"maxTokens": 7})  # call: output_bound=7


def telling(host):
    requests.post(f"{host}/v1/chat/completions", json={}, timeout=8)  # call: timeout=8
    requests.post(f"{host}/v1/messages/unread", json={})
    requests.post(f"{host}/messages", json={})


class Either:
    def __init__(self, client=None):
        if client is not None:
            self.client = client
            return
        self.client = OpenAI(timeout=3)

    def ask(self):
        return self.client.responses.create(model="gpt-5.5", input="x")  # call: timeout=?


class Renamed:
    def __init__(self):
        self.ask_model = completion

    def ask(self, **options):
        return self.ask_model(model="gpt-5.5", messages=[], timeout=6, **options)  # call: sdk="litellm" timeout=6


def nested(config):
    arguments = {"inferenceConfig": {}, "modelId": "m", "messages": []}
    if "maxTokens" in config:
        arguments["inferenceConfig"]["maxTokens"] = config["maxTokens"]
    return arguments


def of_service(name="eu"):
    return boto3.client("bedrock-agent-runtime", region_name=name)


boto3.client("bedrock-runtime").converse(**nested(os.environ))  # call: output_bound=?
inner = {"modelId": "m", "inferenceConfig": {"maxTokens": 1}, "messages": []}
inner["inferenceConfig"]["maxTokens"] = 9
boto3.client("bedrock-runtime").converse(**inner)  # call: output_bound=9
inner["inferenceConfig"].update(os.environ)
boto3.client("bedrock-runtime").converse(**inner)  # call: output_bound=?
of_service().invoke_agent(agentId="a", inputText="x")  # call: sdk="bedrock" timeout=?


def extras(extra):
    client = OpenAI()
    client.responses.create(model="gpt-5.5", input="x", extra_body=extra or None)  # call: output_bound=?
    client.responses.create(model="gpt-5.5", input="x", extra_body={"seed": 1})  # call: output_bound=-
    client.chat.completions.create(model="m", messages=[], extra_body={"max_tokens": 3})  # call: output_bound=3
    given = {"model": "m", "messages": [], "max_tokens": 4}
    given.update(extra)
    client.chat.completions.create(**given)  # call: output_bound=?


class Judge:
    def __init__(self, model_client: ChatCompletionClient):
        self.model_client = model_client

    async def judge(self, text):
        return await self.model_client.create([text])  # call: output_bound=?


async def of_component(component):
    team = BaseGroupChat.load_component(component)
    await team.run(task="x")  # call: sdk="autogen_agentchat" output_bound=?
    await ChatCompletionClient.load_component(component).create([])  # call: sdk="autogen_ext"
