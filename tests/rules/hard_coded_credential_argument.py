import os

import anthropic
import openai
import requests
from openai import OpenAI

import helpers

OpenAI(api_key="q8Zr2LmK0pTwXv5y")  # finds: hard-coded-credential-argument
OpenAI(api_key=os.environ["OPENAI_API_KEY"])
OpenAI(api_key=os.getenv("OPENAI_API_KEY", "q8Zr2LmK0pTwXv5y"))  # finds: hard-coded-credential-argument
OpenAI(api_key="YOUR_API_KEY")
OpenAI(api_key="sk-...")
OpenAI(api_key="EMPTY", base_url="http://localhost:8000/v1")
OpenAI(api_key="q8Zr2LmK0pTwXv5y", base_url="http://localhost:8000/v1")
OpenAI(api_key="q8Zr2LmK0pTwXv5y", base_url="http://172.20.1.5:8000/v1")
OpenAI(api_key="q8Zr2LmK0pTwXv5y", base_url="http://vllm:8000/v1")
OpenAI(api_key="q8Zr2LmK0pTwXv5y", base_url="http://llm.default.svc.cluster.local/v1")
OpenAI(api_key="q8Zr2LmK0pTwXv5y", base_url="https://llm10.acme.io/v1")  # finds: hard-coded-credential-argument
OpenAI(api_key="q8Zr2LmK0pTwXv5y", base_url=helpers.URL)
OpenAI(api_key="ollama")
OpenAI(api_key="")
KEY = "b7Hq1PzW9sLk3RtN"  # finds: hard-coded-credential-argument
anthropic.Anthropic(api_key=KEY)
openai.api_key = "x9Vd4GnB6cJm2FyQ"  # finds: hard-coded-credential-argument
openai.api_key = helpers.key()
os.environ["OPENAI_API_KEY"] = "t5Wn8KxC1hDp7ZuM"  # finds: hard-coded-credential-argument
os.environ.update({"OPENAI_API_KEY": "t5Wn8KxC1hDp7ZuM"})  # finds: hard-coded-credential-argument
os.environ.update(OPENAI_API_KEY="t5Wn8KxC1hDp7ZuM", COLOUR="t5Wn8KxC1hDp7ZuM")  # finds: hard-coded-credential-argument
os.environ["OPENAI_API_KEY"] = input()
os.environ["OPENAI_API_KEY"] = "your key here"
os.environ["COLOUR"] = "t5Wn8KxC1hDp7ZuM"
requests.post(
    "https://api.openai.com/v1/responses",
    headers={"Authorization": "Bearer a2Ye6TfS0jGo4LiH"},  # finds: hard-coded-credential-argument
    json={},
)
requests.post("https://api.openai.com/v1/responses", headers={"Authorization": f"Bearer {helpers.key()}"}, json={})
