import anthropic
import httpx
import ollama
import openai
import requests
from google import genai
from google.genai import types
from groq import Groq
from langchain_openai import ChatOpenAI
from openai import OpenAI

import helpers

client = OpenAI()


def defaults():
    client.responses.create(model="gpt-5.5", input="x")  # finds: missing-timeout
    client.responses.create(model="gpt-5.5", input="x", timeout=30)
    client.responses.create(model="gpt-5.5", input="x", timeout=None)  # finds: missing-timeout
    client.with_options(timeout=20).responses.create(model="gpt-5.5", input="x")
    client.batches.create(input_file_id="x", endpoint="/v1/responses", completion_window="24h")
    Groq().chat.completions.create(model="llama-3.3-70b-versatile", messages=[])
    ollama.chat(model="llama3", messages=[])  # finds: missing-timeout
    ChatOpenAI(model="gpt-5.5").invoke("x")  # finds: missing-timeout
    ChatOpenAI(model="gpt-5.5", timeout=30).invoke("x")
    requests.post("https://api.openai.com/v1/chat/completions", json={})  # finds: missing-timeout
    requests.post("https://api.openai.com/v1/chat/completions", json={}, timeout=(5, 60))


def written():
    OpenAI(timeout=60).responses.create(model="gpt-5.5", input="x")
    OpenAI(timeout=900).responses.create(model="gpt-5.5", input="x")  # finds: missing-timeout
    OpenAI(timeout=httpx.Timeout(60.0, connect=5.0)).responses.create(model="gpt-5.5", input="x")
    OpenAI(timeout=httpx.Timeout(None)).responses.create(model="gpt-5.5", input="x")  # finds: missing-timeout
    OpenAI(timeout=helpers.TIMEOUT).responses.create(model="gpt-5.5", input="x")
    anthropic.Anthropic(timeout=60).messages.create(model="claude-sonnet-4-6", max_tokens=5, messages=[])


def milliseconds():
    slow = genai.Client(http_options=types.HttpOptions(timeout=60_000))
    slow.models.generate_content(model="gemini-2.5-flash", contents="x")
    slower = genai.Client(http_options={"timeout": 600_000})
    slower.models.generate_content(model="gemini-2.5-flash", contents="x")  # finds: missing-timeout
    genai.Client().models.generate_content(model="gemini-2.5-flash", contents="x")  # finds: missing-timeout


def on_the_module():
    openai.chat.completions.create(model="gpt-5.5", messages=[])
    openai.timeout = 20


def from_outside(service: OpenAI):
    service.responses.create(model="gpt-5.5", input="x")
