import time

import backoff
from openai import OpenAI, RateLimitError
from tenacity import retry, stop_after_attempt, wait_exponential, wait_fixed, wait_random, wait_random_exponential

client = OpenAI(max_retries=0)


@retry(stop=stop_after_attempt(3))  # finds: retry-without-backoff
def no_wait():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(stop=stop_after_attempt(3), wait=wait_fixed(2))  # finds: retry-without-backoff
def fixed():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=20))
def good():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(stop=stop_after_attempt(3), wait=wait_fixed(3) + wait_random(0, 2))  # finds: retry-without-backoff
def fixed_plus_random():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(stop=stop_after_attempt(3), wait=wait_exponential() + wait_random(0, 2))
def exponential_plus_random():
    return client.responses.create(model="gpt-5.5", input="x")


@backoff.on_exception(backoff.expo, RateLimitError, max_tries=4)
def expo():
    return client.responses.create(model="gpt-5.5", input="x")


@backoff.on_exception(backoff.constant, RateLimitError, max_tries=4)  # finds: retry-without-backoff
def constant():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(stop=stop_after_attempt(3))
def something_else():
    return time.time()


def loop_constant():
    for _ in range(3):  # finds: retry-without-backoff
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except RateLimitError:
            time.sleep(5)


def loop_none():
    while True:  # finds: retry-without-backoff
        try:
            reply = client.responses.create(model="gpt-5.5", input="x")
            break
        except RateLimitError:
            continue
    return reply


def loop_growing():
    delay = 1
    for _ in range(3):
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except RateLimitError:
            time.sleep(delay)
            delay *= 2


def loop_by_number():
    for number in range(3):
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except RateLimitError:
            time.sleep(2**number)


def loop_over_work(questions):
    for question in questions:
        try:
            client.responses.create(model="gpt-5.5", input=question)
        except RateLimitError:
            time.sleep(5)


def pause(error, number):
    print(error)
    time.sleep(2**number)


def loop_with_a_helper_that_waits():
    for number in range(3):
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except RateLimitError as error:
            pause(error, number)


def loop_that_only_leaves_elsewhere(queue):
    while True:
        try:
            if queue:
                client.responses.create(model="gpt-5.5", input=queue.pop())
            else:
                break
        except RateLimitError:
            continue
