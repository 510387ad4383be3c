import logging

import openai
from openai import OpenAI

client = OpenAI()


def hides_everything():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except Exception:  # finds: swallowed-error
        return None


def bare():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except:  # finds: swallowed-error
        pass


def goes_on(questions):
    for question in questions:
        try:
            client.responses.create(model="gpt-5.5", input=question)
        except Exception:  # finds: swallowed-error
            continue


def logs():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except Exception:
        logging.exception("failed")
        return None


def narrow():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except openai.RateLimitError:
        return None


def raises():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except Exception as error:
        raise RuntimeError from error


def falls_back():
    try:
        reply = client.responses.create(model="gpt-5.5", input="x")
    except Exception:
        reply = None
    return reply


def tells_the_user():
    try:
        return client.responses.create(model="gpt-5.5", input="x")
    except Exception:
        return "the assistant is not available"
