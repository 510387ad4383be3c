import json
import os

import anthropic
import boto3
import cohere
import httpx
import litellm
import ollama
import requests
from anthropic import Anthropic, AsyncAnthropic
from botocore.config import Config
from google import genai
from google.genai import types
from groq import Groq
from langchain_anthropic import ChatAnthropic
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI
from mistralai.client import Mistral

claude = Anthropic(timeout=30)
claude.messages.create(model="claude-sonnet-4-6", max_tokens=5, messages=[])  # call: sdk="anthropic" output_bound=5 retries=2 timeout=30
with claude.messages.stream(model="claude-sonnet-4-6", max_tokens=6, messages=[]) as stream:  # call: output_bound=6 streams=True
    pass
anthropic.AnthropicBedrock(max_retries=1).messages.create(model="x", max_tokens=7, messages=[])  # call: retries=1 output_bound=7
claude.messages.count_tokens(model="claude-sonnet-4-6", messages=[])  # call: operation="messages.count_tokens"

google = genai.Client(http_options=types.HttpOptions(timeout=20_000))
google.models.generate_content(model="gemini-3-pro", contents="x")  # call: sdk="google_genai" output_bound=- retries=0 timeout=20.0
google.models.generate_content(model="gemini-3-pro", contents="x", config=types.GenerateContentConfig(max_output_tokens=8))  # call: output_bound=8
google.models.generate_content(model="gemini-3-pro", contents="x", config={"max_output_tokens": 9})  # call: output_bound=9
config = types.GenerateContentConfig(temperature=0)
config.max_output_tokens = 10
google.models.generate_content(model="gemini-3-pro", contents="x", config=config)  # call: output_bound=10
google.models.generate_content(model="gemini-3-pro", contents="x", config=settings.google)  # call: output_bound=?
patient = genai.Client(http_options={"retry_options": {"attempts": 4}})
patient.models.generate_content_stream(model="gemini-3-pro", contents="x")  # call: retries=3 streams=True
chat = google.chats.create(model="gemini-3-pro", config={"max_output_tokens": 11})
chat.send_message("x")  # call: output_bound=11 timeout=20.0


async def gemini():
    await google.aio.models.generate_content(model="gemini-3-pro", contents="x")  # call: output_bound=- timeout=20.0 awaits=True


litellm.completion("anthropic/claude-sonnet-4-6", [], max_tokens=12)  # call: sdk="litellm" output_bound=12 retries=0
litellm.completion(model="gpt-5.5", messages=[])  # call: retries=2 timeout=600
litellm.completion(model=os.environ["MODEL"], messages=[])  # call: retries=?
router = litellm.Router(model_list=[], num_retries=3)
router.completion(model="x", messages=[])  # call: retries=3

llm = ChatOpenAI(model="gpt-5.5", max_tokens=13, timeout=14, max_retries=1)
llm.invoke("x")  # call: sdk="langchain_openai" model="gpt-5.5" output_bound=13 timeout=14 retries=1
chain = ChatPromptTemplate.from_template("{x}") | llm | StrOutputParser()
chain.invoke({"x": 1})  # call: output_bound=13
chain.stream({"x": 1})  # call: output_bound=13 streams=True
llm.bind(max_tokens=15).invoke("x")  # call: output_bound=15
llm.with_structured_output(dict).invoke("x")  # call: output_bound=13
llm.bind_tools([]).batch(["x"])  # call: output_bound=13
ChatAnthropic(model="claude-sonnet-4-6").invoke("x")  # call: timeout=- retries=2

bedrock = boto3.client("bedrock-runtime", config=Config(read_timeout=16, retries={"total_max_attempts": 1}))
bedrock.converse(modelId="x", messages=[], inferenceConfig={"maxTokens": 17})  # call: output_bound=17 timeout=16 retries=0
boto3.client("bedrock-runtime").converse(modelId="x", messages=[])  # call: output_bound=- timeout=60 retries=2
bedrock.invoke_model(modelId="x", body=json.dumps({"max_tokens": 18, "messages": []}))  # call: output_bound=18
boto3.client("s3").put_object(Body=b"x")
boto3.Session().client("bedrock-runtime").converse(modelId="x", messages=[])  # call: output_bound=-

Groq().chat.completions.create(model="llama-3.3-70b-versatile", messages=[])  # call: sdk="groq" timeout=60 retries=2
Mistral(api_key=os.environ["K"], timeout_ms=19_000).chat.complete(model="m", messages=[])  # call: timeout=19.0 retries=0
cohere.ClientV2().chat(model="command-a", messages=[], max_tokens=20)  # call: output_bound=20 retries=2
ollama.chat(model="llama3", messages=[], options={"num_predict": 21})  # call: output_bound=21 timeout=- retries=0
ollama.Client(timeout=22).generate(model="llama3", prompt="x")  # call: timeout=22 output_bound=-

requests.post("https://api.openai.com/v1/chat/completions", json={"max_tokens": 23}, timeout=24)  # call: output_bound=23 timeout=24 retries=0
HOST = "https://api.anthropic.com"
requests.post(f"{HOST}/v1/messages", headers={}, json={"model": "x"})  # call: timeout=-
httpx.post("https://api.mistral.ai/v1/chat/completions", json={"max_tokens": 25})  # call: output_bound=25 timeout=5
requests.get("https://example.com/openai")
session = requests.Session()
session.post("https://api.openai.com/v1/embeddings", json={})  # call: retries=0


class Multi:
    def __init__(self, provider):
        if provider == "anthropic":
            self.client = Anthropic(max_retries=26)
        else:
            self.client = Groq(max_retries=26)

    def ask(self):
        if isinstance(self.client, Anthropic):
            return self.client.messages.create(model="x", max_tokens=27, messages=[])  # call: output_bound=27 retries=26
        return self.client.chat.completions.create(model="x", messages=[])  # call: retries=26
