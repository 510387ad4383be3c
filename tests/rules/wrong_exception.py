import asyncio

import anthropic
import httpx
import httpx2
import openai
from google import genai
from openai import OpenAI

client = OpenAI()
google = genai.Client()


def another_sdk():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except anthropic.RateLimitError:  # finds: wrong-exception
        return None


def own():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except openai.RateLimitError:
        return None


def left_transport():
    try:
        return google.models.generate_content(model="gemini-2.5-flash", contents="x")
    except httpx.TimeoutException:  # finds: wrong-exception
        return None


def transport():
    try:
        return google.models.generate_content(model="gemini-2.5-flash", contents="x")
    except httpx2.TimeoutException:
        return None


def builtin():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except (ValueError, asyncio.TimeoutError):
        return None


def several_calls():
    try:
        client.responses.create(model="gpt-5.5", input="x")
        return anthropic.Anthropic().messages.create(model="claude-sonnet-4-6", max_tokens=5, messages=[])
    except anthropic.RateLimitError:
        return None
    except openai.RateLimitError:
        return None


def one_of_two_matches():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except (anthropic.RateLimitError, openai.RateLimitError):
        return None


def older_generation():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except openai.error.RateLimitError:  # finds: wrong-exception
        return None


def below_its_base():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except (openai.APIStatusError, ValueError):
        return None
    except openai.RateLimitError:  # finds: wrong-exception
        return "busy"
    except openai.APIConnectionError:
        return "away"


def below_everything():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except Exception:
        return None
    except openai.RateLimitError:  # finds: wrong-exception
        return "busy"


def above_its_base():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except openai.RateLimitError:
        return "busy"
    except openai.OpenAIError:
        return None


try:
    from openai.error import RateLimitError
except ImportError:
    from openai import RateLimitError


def either_generation():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except RateLimitError:
        return None
