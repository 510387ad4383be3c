# file: service/__init__.py
# file: service/llm.py
import contextlib
import typer
import sys
import asyncio
import logging

import anthropic
import openai
from openai import OpenAI

from somewhere import resilient

client = OpenAI()
later = openai.AsyncOpenAI()


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


class Base2:
    def encode(self, text):
        raise NotImplementedError


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


async def errors_come_back_as_values(questions):
    calls = [asked_for_many(question) for question in questions]
    return await asyncio.gather(*calls, return_exceptions=True)


async def asked_for_many(question):
    return await later.responses.create(model="gpt-5.5", input=question)


async def errors_come_up(questions):
    return await asyncio.gather(*[asked_and_failed(question) for question in questions])


async def asked_and_failed(question):
    return await later.responses.create(model="gpt-5.5", input=question)  # finds: missing-error-handling


def result_in_try(executor, text):
    future = executor.submit(in_executor, text)
    try:
        return future.result()
    except Exception as error:
        logging.error(error)


def in_executor(text):
    return client.responses.create(model="gpt-5.5", input=text)


class Embedder(Base2):
    def encode(self, text):  # called on classes that mix this one in
        return client.embeddings.create(model="text-embedding-3-small", input=text)

    def __call__(self, text):
        return client.embeddings.create(model="text-embedding-3-small", input=text)


commands = typer.Typer()


@commands.command()
def command(text: str):
    print(client.responses.create(model="gpt-5.5", input=text))


def main():
    try:
        commands()
    except Exception as error:
        sys.exit(str(error))


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
