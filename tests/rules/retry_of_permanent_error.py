import time

import backoff
import openai
import requests
from openai import APIConnectionError, APIError, OpenAI, RateLimitError
from tenacity import retry, retry_if_exception, retry_if_exception_type, stop_after_attempt, wait_random_exponential

client = OpenAI(max_retries=0)


@retry(wait=wait_random_exponential(max=20), stop=stop_after_attempt(5))  # finds: retry-of-permanent-error
def every_exception():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(
    retry=retry_if_exception_type((RateLimitError, APIConnectionError)),
    wait=wait_random_exponential(max=20),
    stop=stop_after_attempt(5),
)
def transient():
    return client.responses.create(model="gpt-5.5", input="x")


@backoff.on_exception(backoff.expo, APIError, max_tries=3)  # finds: retry-of-permanent-error
def base_class():
    return client.responses.create(model="gpt-5.5", input="x")


@backoff.on_exception(backoff.expo, RateLimitError, max_tries=3)
def one_class():
    return client.responses.create(model="gpt-5.5", input="x")


def loop():
    for number in range(3):  # finds: retry-of-permanent-error
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except Exception:
            time.sleep(2**number)


def loop_that_chooses():
    for number in range(3):
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except Exception as error:
            if "quota" in str(error):
                raise
            time.sleep(2**number)


def loop_that_lets_permanent_errors_go_first():
    for number in range(3):
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except (openai.AuthenticationError, openai.BadRequestError, openai.PermissionDeniedError, openai.NotFoundError):
            raise
        except openai.OpenAIError:
            time.sleep(2**number)


def batches_within_an_attempt(batches):
    size = len(batches)
    while size >= 1:  # finds: retry-of-permanent-error
        try:
            answers = []
            for batch in batches[:size]:
                answers.append(client.responses.create(model="gpt-5.5", input=batch))
            return answers
        except Exception:
            size = size // 2


class Search:
    @retry(stop=stop_after_attempt(3))
    def create(self, query):
        return elsewhere().create(query)


class Answers:
    def create(self, query):
        return client.responses.create(model="gpt-5.5", input=query)


def refuse_or_wait(error, number):
    if isinstance(error, openai.AuthenticationError):
        raise error
    time.sleep(2**number)


def loop_with_a_helper_that_chooses():
    for number in range(3):
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except Exception as error:
            refuse_or_wait(error, number)


def loop_that_looks_at_the_status():
    for number in range(3):
        try:
            return client.responses.create(model="gpt-5.5", input="x")
        except openai.APIStatusError as error:
            status = error.status_code
            if status in {429, 503}:
                time.sleep(2**number)
                continue
            raise


def loop_over_alternatives(scrapers):
    for scraper in scrapers:
        try:
            return client.responses.create(model="gpt-5.5", input=scraper.read())
        except Exception as error:
            print(error)


@backoff.on_exception(backoff.expo, Exception, max_tries=3, giveup=lambda error: error.status_code < 500)
def gives_up():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(
    retry=retry_if_exception(lambda error: error.code == 429) | retry_if_exception_type(APIConnectionError),
    wait=wait_random_exponential(max=20),
    stop=stop_after_attempt(5),
)
def predicate():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(  # finds: retry-of-permanent-error
    retry=retry_if_exception_type(RateLimitError) | retry_if_exception_type(APIError),
    wait=wait_random_exponential(max=20),
    stop=stop_after_attempt(5),
)
def two_types():
    return client.responses.create(model="gpt-5.5", input="x")


@retry(wait=wait_random_exponential(max=20), stop=stop_after_attempt(5), retry=retry_if_exception_type(requests.RequestException))
def status_that_is_no_error():
    return requests.post("https://api.openai.com/v1/responses", json={"input": "x"}).json()
