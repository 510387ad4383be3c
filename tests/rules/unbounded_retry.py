import time

import backoff
from openai import OpenAI, RateLimitError
from tenacity import retry, stop_after_attempt, stop_after_delay, wait_random_exponential

client = OpenAI(max_retries=0)


@retry(wait=wait_random_exponential(max=20))  # finds: unbounded-retry
def no_stop():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(wait=wait_random_exponential(max=20), stop=stop_after_delay(60))
def delay():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(wait=wait_random_exponential(max=20), stop=stop_after_attempt(5))
def attempts():
    return client.responses.create(model="gpt-5.5", input="x")


@backoff.on_exception(backoff.expo, RateLimitError)  # finds: unbounded-retry
def forever():
    return client.responses.create(model="gpt-5.5", input="x")


@backoff.on_exception(backoff.expo, RateLimitError, max_time=60)
def bounded():
    return client.responses.create(model="gpt-5.5", input="x")


def loop(delay=1):
    while True:  # finds: unbounded-retry
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except RateLimitError:
            time.sleep(delay)
            delay *= 2


def loop_with_end(delay=1):
    tries = 0
    while True:
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except RateLimitError:
            tries += 1
            if tries > 5:
                raise
            time.sleep(delay * tries)


def conversation():
    while True:
        question = input()
        try:
            print(client.responses.create(model="gpt-5.5", input=question))
        except RateLimitError as error:
            print(error)
