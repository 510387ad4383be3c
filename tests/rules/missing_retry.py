import anthropic
import litellm
import ollama
import requests
import tenacity
from google import genai
from google.genai import types
from mistralai.client import Mistral
from openai import OpenAI
from tenacity import Retrying, retry, stop_after_attempt, wait_exponential

import helpers

client = OpenAI()
once = OpenAI(max_retries=0)
google = genai.Client()


def plain():
    client.responses.create(model="gpt-5.5", input="x")
    once.responses.create(model="gpt-5.5", input="x")  # finds: missing-retry
    client.with_options(max_retries=0).responses.create(model="gpt-5.5", input="x")  # finds: missing-retry
    once.with_options(max_retries=3).responses.create(model="gpt-5.5", input="x")
    anthropic.Anthropic().messages.create(model="claude-sonnet-4-6", max_tokens=5, messages=[])
    google.models.generate_content(model="gemini-2.5-flash", contents="x")  # finds: missing-retry
    ollama.chat(model="llama3", messages=[])  # finds: missing-retry
    Mistral(api_key=helpers.KEY).chat.complete(model="m", messages=[])  # finds: missing-retry
    litellm.completion("gpt-4o", [])
    litellm.completion("anthropic/claude-sonnet-4-6", [])  # finds: missing-retry
    litellm.completion("anthropic/claude-sonnet-4-6", [], num_retries=2)
    litellm.completion(helpers.MODEL, [])
    requests.post("https://api.openai.com/v1/chat/completions", json={})  # finds: missing-retry
    requests.post(helpers.URL, json={})


def configured():
    patient = genai.Client(http_options=types.HttpOptions(retry_options=types.HttpRetryOptions(attempts=5)))
    patient.models.generate_content(model="gemini-2.5-flash", contents="x")
    unknown = OpenAI(max_retries=helpers.RETRIES)
    unknown.responses.create(model="gpt-5.5", input="x")
    outside = OpenAI(**helpers.options())
    outside.responses.create(model="gpt-5.5", input="x")


@retry(stop=stop_after_attempt(3), wait=wait_exponential())
def decorated():
    return once.responses.create(model="gpt-5.5", input="x")


@helpers.with_backoff
def decorated_by_something_else():
    return once.responses.create(model="gpt-5.5", input="x")


def context():
    for attempt in Retrying(stop=stop_after_attempt(3), wait=wait_exponential()):
        with attempt:
            return once.responses.create(model="gpt-5.5", input="x")


def called_function():
    retryer = tenacity.Retrying(stop=stop_after_attempt(3), wait=wait_exponential())
    return retryer(once.responses.create, model="gpt-5.5", input="x")


def loop():
    for number in range(5):
        try:
            return once.responses.create(model="gpt-5.5", input="x")
        except Exception:
            helpers.sleep(2**number)


def work_loop(questions):
    for question in questions:
        try:
            once.responses.create(model="gpt-5.5", input=question)  # finds: missing-retry
        except Exception as error:
            print(error)


def inner():
    return once.responses.create(model="gpt-5.5", input="x")


@retry(stop=stop_after_attempt(3), wait=wait_exponential())
def caller():
    return inner()


def through_lambda():
    return helpers.retry_call(lambda: once.responses.create(model="gpt-5.5", input="x"))


single = OpenAI(max_retries=0)


@retry(stop=stop_after_attempt(3), wait=wait_exponential())
def logs_and_raises():
    try:
        return single.responses.create(model="gpt-5.5", input="x")
    except Exception as error:
        print(error)
        raise


def made_decorator():
    again = helpers.build_retry()

    def decorate(function):
        def attempt(*args):
            return function(*args)

        return again(attempt)

    return decorate


retried = made_decorator()


@retried
def behind_what_cannot_be_seen():
    return OpenAI(max_retries=0).responses.create(model="gpt-5.5", input="x")
