# file: service/__init__.py
# file: service/llm.py
import contextlib
import logging

import anthropic
import openai
from openai import OpenAI

from somewhere import resilient

client = OpenAI()


def unhandled():
    return client.responses.create(model="gpt-5.5", input="x")  # finds: missing-error-handling


def handled():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except openai.OpenAIError as error:
        logging.error(error)


def handles_something_else():
    try:
        return client.responses.create(model="gpt-5.5", input="x")  # finds: missing-error-handling
    except KeyError:
        return None


def handles_another_sdk():
    try:
        return client.responses.create(model="gpt-5.5", input="x")  # finds: missing-error-handling
    except anthropic.RateLimitError:
        return None


def in_the_handler():
    try:
        return 1
    except Exception:
        return client.responses.create(model="gpt-5.5", input="x")  # finds: missing-error-handling


def suppressed():
    with contextlib.suppress(openai.OpenAIError):
        return client.responses.create(model="gpt-5.5", input="x")


@resilient
def decorated_by_something_unknown():
    return client.responses.create(model="gpt-5.5", input="x")


def report(function):
    def wrapper(*args):
        try:
            return function(*args)
        except Exception as error:
            logging.error(error)

    return wrapper


@report
def decorated_by_our_own():
    return client.responses.create(model="gpt-5.5", input="x")


def handled_by_a_caller():
    return client.responses.create(model="gpt-5.5", input="x")


class Base:
    def ask(self):
        raise NotImplementedError

    def safely(self):
        try:
            return self.ask()
        except Exception as error:
            logging.error(error)


class Concrete(Base):
    def ask(self):
        return client.responses.create(model="gpt-5.5", input="x")


class Plugin(resilient.Plugin):
    def run(self):
        return client.responses.create(model="gpt-5.5", input="x")


@contextlib.contextmanager
def errors_reported():
    try:
        yield
    except openai.OpenAIError as error:
        logging.error(error)


def in_our_context():
    with errors_reported():
        return client.responses.create(model="gpt-5.5", input="x")


# file: service/app.py
from fastapi import FastAPI

from service.llm import client, handled_by_a_caller

app = FastAPI()


@app.post("/ask")
def route():
    return client.responses.create(model="gpt-5.5", input="x")  # finds: missing-error-handling


def safe():
    try:
        return handled_by_a_caller()
    except Exception as error:
        return str(error)
