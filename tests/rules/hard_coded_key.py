import os

import cohere
import requests
from anthropic import Anthropic
from openai import OpenAI

client = OpenAI(api_key="@@openai-proj@@")  # finds: hard-coded-key
client = OpenAI(
    organization="org-x",
    api_key="@@openai-legacy@@",  # finds: hard-coded-key
)
key = os.getenv("ANTHROPIC_API_KEY", "@@anthropic@@")  # finds: hard-coded-key
os.environ["GROQ_API_KEY"] = "@@groq@@"  # finds: hard-coded-key
requests.post("https://api.x.ai/v1", headers={"Authorization": "Bearer @@xai@@"})  # finds: hard-coded-key
co = cohere.Client("@@ctx:cohere@@")  # finds: hard-coded-key
# the old one was @@huggingface@@  # finds: hard-coded-key


def ask(question, api_key="@@google-api-key@@"):  # finds: hard-coded-key
    return b"@@perplexity@@", question, api_key  # finds: hard-coded-key


DEEPSEEK_API_KEY = "@@deepseek@@"  # finds: hard-coded-key
aws = "@@aws-access-key@@"  # finds: hard-coded-key
database = "postgresql://service:r7Vq-2LmKp9@db.internal.net/app"  # finds: hard-coded-key
local = "postgresql://postgres:postgres@localhost/app"
REVISION = "@@ctx:monkeylearn@@"
mistral_commit = "@@ctx:monkeylearn@@"
run_id = "@@ctx:pinecone@@"
example = "AKIAIOSFODNN7EXAMPLE"
client = OpenAI(api_key="YOUR_API_KEY")
client = OpenAI(api_key="sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
client = OpenAI(api_key="sk-proj-...")
client = Anthropic(api_key=os.environ["ANTHROPIC_API_KEY"])
tool_call_id = "call_0aB1cD2eF3gH4iJ5kL6mN7oP"
reference = "${OPENAI_API_KEY}"
parts = ["sk-", "proj-"]  # missed: a key that is put together at run time from parts in several places
