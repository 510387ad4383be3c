"""Makes an object of any type of the catalogue without credentials and without a network."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import ssl
import warnings
from typing import Any

from callsafe.rules import sdks

MISSING_OBJECT = type("MissingObject", (), {"__repr__": lambda self: "no object"})()
"""Stands for an object that cannot be made here; nothing is claimed about it."""

NOWHERE = "http://127.0.0.1:9"

# What a constructor gets, by the name of its parameter.
VALUES: dict[str, Any] = {
    "access_token": "test",
    "api_host": "127.0.0.1:9",
    "api_key": "test",
    "api_token": "test",
    "api_version": "2025-01-01",
    "aws_access_key": "test",
    "aws_access_key_id": "test",
    "aws_region": "us-east-1",
    "aws_secret_access_key": "test",
    "aws_secret_key": "test",
    "azure_endpoint": NOWHERE,
    "base_url": NOWHERE,
    "cohere_api_key": "test",
    "max_tokens": 16,
    "mistral_api_key": "test",
    "model": "gpt-4o-mini",
    "model_id": "anthropic.claude-3-haiku-20240307-v1:0",
    "model_name": "gemini-2.0-flash",
    "project": "test",
    "project_id": "test",
    "region": "us-east5",
    "region_name": "us-east-1",
    "server_url": NOWHERE,
    "token": "test",
}
# Where some of those would not fit together.
SPECIAL: dict[str, dict[str, Any]] = {
    "google.genai.Client": {"api_key": "test"},
    "anthropic.AnthropicFoundry": {"api_key": "test", "base_url": NOWHERE},
    "anthropic.AsyncAnthropicFoundry": {"api_key": "test", "base_url": NOWHERE},
    "openai.AzureOpenAI": {"api_key": "test", "azure_endpoint": NOWHERE, "api_version": "2025-01-01"},
    "openai.AsyncAzureOpenAI": {"api_key": "test", "azure_endpoint": NOWHERE, "api_version": "2025-01-01"},
    "openai.BedrockOpenAI": {"api_key": "test", "aws_region": "us-east-1"},
    "openai.AsyncBedrockOpenAI": {"api_key": "test", "aws_region": "us-east-1"},
    "langchain_openai.AzureOpenAI": {
        "api_key": "test",
        "azure_endpoint": NOWHERE,
        "api_version": "2025-01-01",
    },
    "langchain_openai.AzureChatOpenAI": {
        "api_key": "test",
        "azure_endpoint": NOWHERE,
        "api_version": "2025-01-01",
    },
    "langchain_openai.AzureOpenAIEmbeddings": {
        "api_key": "test",
        "azure_endpoint": NOWHERE,
        "api_version": "2025-01-01",
    },
    "huggingface_hub.InferenceClient": {"token": "test"},
    "huggingface_hub.AsyncInferenceClient": {"token": "test"},
    "litellm.Router": {"model_list": []},
    "xai_sdk.Client": {"api_key": "test"},
    "xai_sdk.AsyncClient": {"api_key": "test"},
    "cohere.Client": {"api_key": "test", "check_api_key": False},
    "deepgram.DeepgramClient": {"api_key": "test"},
    "deepgram.AsyncDeepgramClient": {"api_key": "test"},
    "dspy.LM": {"model": "openai/gpt-4o-mini", "api_key": "test"},
    "dspy.Predict": {"signature": "question -> answer"},
    "dspy.ReAct": {"signature": "question -> answer", "tools": []},
    "smolagents.InferenceClientModel": {"model_id": "m", "token": "test"},
    "instructor.from_provider": {"model": "openai/gpt-4o-mini", "api_key": "test"},
    "langchain.chat_models.init_chat_model": {"model": "openai:gpt-4o-mini", "api_key": "test"},
    "pydantic_ai.Agent": {"model": "test"},
    "llama_index.llms.openai.OpenAI": {"model": "gpt-4o-mini", "api_key": "test"},
    "llama_index.llms.anthropic.Anthropic": {"model": "claude-3-haiku-20240307", "api_key": "test"},
    "langchain_aws.ChatBedrock": {
        "model_id": "anthropic.claude-3-haiku-20240307-v1:0",
        "region_name": "us-east-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    },
    "langchain_aws.BedrockLLM": {
        "model_id": "amazon.titan-text-express-v1",
        "region_name": "us-east-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    },
}


NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""A TLS context for clients that never speak TLS: reading certificates takes most of their making."""


@functools.cache
def make(path: str, name: str = "") -> Any:
    """Return an object of the type `name`, importable as `path`; `MISSING_OBJECT` where none can be made."""
    name = name or path
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for way in (lambda: _special(name) or _make(path, name), lambda: _attribute_of(name)):
            try:
                return way()
            except Exception:
                continue
        return MISSING_OBJECT


def _make(path: str, name: str) -> Any:
    made = _made_by(name)
    if made is not None:
        return made
    target = pkgutil.resolve_name(path) if "." in path else importlib.import_module(path)
    if inspect.ismodule(target):
        return target
    return target(**SPECIAL.get(name) or _values(target))


def _values(target: Any) -> dict[str, Any]:
    if hasattr(target, "model_fields"):
        names = {alias for name, field in target.model_fields.items() for alias in (field.alias or name,)}
        return {name: value for name, value in VALUES.items() if name in names}
    parameters = inspect.signature(target).parameters
    return {name: value for name, value in VALUES.items() if name in parameters}


def _made_by(name: str) -> Any:
    """Return an object that a method of another type of the same file hands out."""
    for file in sdks.heads():
        kinds = {kind.name: kind for kind in sdks.load(file).types}
        for path in kinds[name].made_by if name in kinds else ():
            owner = next((other for other in kinds if path.startswith(other + ".") and other != name), None)
            if owner is not None:
                found = make(owner)
                for part in path.removeprefix(owner + ".").split("."):
                    found = getattr(found, part)
                takes = inspect.signature(found).parameters
                return found(**({"model": "gemini-2.0-flash"} if "model" in takes else {}))
    return None


def _attribute_of(name: str) -> Any:
    """Return an object that another type of the same file has as an attribute; raise `LookupError` for none."""
    for file in sdks.heads():
        for owner in sdks.load(file).types:
            for attribute, kind in owner.attributes.items():
                if kind == name:
                    return getattr(make(owner.name), attribute)
    raise LookupError(name)


def _special(name: str) -> Any:
    """Return the objects that need more than plain values."""
    if name == "boto3.client":
        return Services()
    if name == "trustcall.create_extractor":
        model = _module("langchain_core.language_models").FakeListChatModel
        calling = type("Calling", (model,), {"bind_tools": lambda self, *_, **__: self})
        return pkgutil.resolve_name(name)(
            calling(responses=["test"]), tools=[_module("pydantic").create_model("Tool")]
        )
    if name in {"instructor.from_openai", "instructor.patch"}:
        wrap = getattr(_module("instructor"), name.rpartition(".")[2])
        return wrap(_module("openai").OpenAI(api_key="test", base_url=NOWHERE))
    if name.startswith("azure.ai."):
        return pkgutil.resolve_name(name)(
            endpoint="https://localhost",
            credential=_module("azure.core.credentials").AzureKeyCredential("test"),
        )
    if name == "smolagents.CodeAgent":
        return _module("smolagents").CodeAgent(tools=[], model=make("smolagents.OpenAIModel"))
    if name in {"langgraph.prebuilt.create_react_agent", "langchain.agents.create_agent"}:
        model = _module("langchain_core.language_models").FakeListChatModel(responses=["test"])
        return pkgutil.resolve_name(name)(model=model, tools=[])
    if name == "langgraph.graph.state.CompiledStateGraph":
        return pkgutil.resolve_name(name)
    if name == "claude_agent_sdk.ClaudeSDKClient":
        return _module("claude_agent_sdk").ClaudeSDKClient()
    if name.startswith("vertexai.generative_models."):
        model = _module("vertexai.generative_models").GenerativeModel(
            "projects/p/locations/us-central1/publishers/google/models/gemini-2.0-flash"
        )
        return model.start_chat() if name.endswith("ChatSession") else model
    if name.startswith(("vertexai.language_models.", "ibm_watsonx_ai.")):
        return pkgutil.resolve_name(name.removesuffix(".from_pretrained"))
    return None


class Services:
    """The clients of Bedrock's services in one: the catalogue does not tell them apart."""

    def __init__(self) -> None:
        names = ("bedrock-runtime", "bedrock", "bedrock-agent-runtime")
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        self._clients = [_module("boto3").client(name, **keys) for name in names]

    def __getattr__(self, name: str) -> Any:
        return next(getattr(client, name) for client in self._clients if hasattr(client, name))


def _module(name: str) -> Any:
    """Import what may not be installed."""
    return importlib.import_module(name)
