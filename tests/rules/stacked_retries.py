from openai import OpenAI
from tenacity import retry, stop_after_attempt, wait_random_exponential

client = OpenAI()
once = OpenAI(max_retries=0)


@retry(stop=stop_after_attempt(4), wait=wait_random_exponential())
def stacked():
    return client.responses.create(model="gpt-5.5", input="x")  # finds: stacked-retries


@retry(stop=stop_after_attempt(4), wait=wait_random_exponential())
def single():
    return once.responses.create(model="gpt-5.5", input="x")


def plain():
    return client.responses.create(model="gpt-5.5", input="x")
