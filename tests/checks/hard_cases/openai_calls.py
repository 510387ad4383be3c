import asyncio
import functools
import os
from concurrent.futures import ThreadPoolExecutor

import openai
import openai as oa
from openai import AsyncOpenAI, OpenAI
from openai import OpenAI as Renamed
from openai.lib.azure import AzureOpenAI

import shop
from shop import clients, config
from shop.clients import Lazy, Pool, annotated_only, cached_client, default_client, either, get_client, opened, singleton, with_kwargs
from shop.config import BASE, EITHER, FROM_ENVIRONMENT, settings

client = OpenAI()

# what the call says
client.responses.create(model="gpt-5.5", input="x")  # call: model="gpt-5.5" output_bound=- retries=2 timeout=600
client.responses.create(model=config.MODEL, input="x", max_output_tokens=config.LIMIT)  # call: model="gpt-5.5" output_bound=256
client.responses.create(model=EITHER, input="x", max_output_tokens=FROM_ENVIRONMENT)  # call: model=? output_bound=?
client.responses.create(model=settings.model, input="x", max_output_tokens=settings.limit, timeout=settings.patience)  # call: model="gpt-5.5" output_bound=128 timeout=45
client.responses.create(**BASE, input="x")  # call: model="gpt-5.5" output_bound=256
client.responses.create(**{**BASE, "max_output_tokens": 5}, input="x")  # call: output_bound=5
client.responses.create(**(BASE | {"max_output_tokens": 6}), input="x")  # call: output_bound=6
client.chat.completions.create(model="gpt-5.5", messages=[], max_tokens=-(-7))  # call: output_bound=7
client.chat.completions.create(model="gpt-5.5", messages=[], n=2, max_tokens=openai.NOT_GIVEN)  # call: completions=2 output_bound=-
client.chat.completions.create(model="gpt-5.5", messages=[], timeout=None)  # call: timeout=-
client.beta.chat.completions.parse(model="gpt-5.5", messages=[])  # call: output_bound=-
client.chat.completions.with_raw_response.create(model="gpt-5.5", messages=[], max_tokens=8)  # call: output_bound=8
client.chat.completions.create(model="gpt-5.5", messages=[], max_tokens=9 if os.environ.get("X") else 9)  # call: output_bound=9
client.chat.completions.create(model="gpt-5.5", messages=[], max_tokens=9 if os.environ.get("X") else 10)  # call: output_bound=?

# where the client comes from
default_client.responses.create(model="gpt-5.5", input="x")  # call: retries=4 timeout=60
shop.default_client.responses.create(model="gpt-5.5", input="x")  # call: retries=4 timeout=60
clients.default_client.responses.create(model="gpt-5.5", input="x")  # call: retries=4
get_client().responses.create(model="gpt-5.5", input="x")  # call: retries=1 timeout=600
cached_client().responses.create(model="gpt-5.5", input="x")  # call: timeout=20.0
singleton().responses.create(model="gpt-5.5", input="x")  # call: retries=5
either(True).responses.create(model="gpt-5.5", input="x")  # call: retries=3 timeout=?
annotated_only().responses.create(model="gpt-5.5", input="x")  # call: retries=? timeout=? awaits=True
with opened() as session:
    session.responses.create(model="gpt-5.5", input="x")  # call: retries=6
with Pool(3) as pooled:
    pooled.responses.create(model="gpt-5.5", input="x")  # call: retries=7
pool = Pool(3)
pool.client.responses.create(model="gpt-5.5", input="x")  # call: retries=7
Pool(3, client=OpenAI(max_retries=11)).client.responses.create(model="gpt-5.5", input="x")  # call: retries=11
pool.azure.chat.completions.create(model="d", messages=[])  # call: retries=8 awaits=True
Lazy().client.responses.create(model="gpt-5.5", input="x")  # call: retries=9
with_kwargs(max_retries=12).responses.create(model="gpt-5.5", input="x")  # call: retries=12
Renamed(max_retries=13).responses.create(model="gpt-5.5", input="x")  # call: retries=13
oa.OpenAI(max_retries=14).responses.create(model="gpt-5.5", input="x")  # call: retries=14
AzureOpenAI(max_retries=15).chat.completions.create(model="d", messages=[])  # call: retries=15
with OpenAI(max_retries=16) as c, open("x") as f:
    c.responses.create(model="gpt-5.5", input=f.read())  # call: retries=16
client.with_options(max_retries=17).with_options(timeout=18).responses.create(model="gpt-5.5", input="x")  # call: retries=17 timeout=18
copied = default_client.copy(timeout=19)
copied.responses.create(model="gpt-5.5", input="x")  # call: retries=4 timeout=19
(client if os.environ.get("X") else default_client).responses.create(model="gpt-5.5", input="x")  # call: retries=?
fresh = OpenAI()
fresh.timeout = 21
fresh.responses.create(model="gpt-5.5", input="x")  # call: timeout=21
by_name = {"fast": OpenAI(max_retries=22), "slow": OpenAI(max_retries=22)}
by_name["fast"].responses.create(model="gpt-5.5", input="x")  # call: retries=22
first, second = OpenAI(max_retries=23), OpenAI(max_retries=24)
second.responses.create(model="gpt-5.5", input="x")  # call: retries=24
getattr(client, "responses").create(model="gpt-5.5", input="x")  # call: retries=2

# built-up keywords
params = dict(model="gpt-5.5", messages=[])
params["max_completion_tokens"] = 25
client.chat.completions.create(**params)  # call: output_bound=25
if os.environ.get("X"):
    params.pop("max_completion_tokens")
client.chat.completions.create(**params)  # call: output_bound=?


# bound methods handed on
async def handed_on():
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(client.responses.create, model="gpt-5.5", input="x", max_output_tokens=26)  # call: output_bound=26
    await loop.run_in_executor(None, functools.partial(client.responses.create, model="gpt-5.5", input="x"))  # call: output_bound=-
    service = AsyncOpenAI(timeout=27)
    task = asyncio.ensure_future(service.responses.create(model="gpt-5.5", input="x"))  # call: timeout=27 awaits=True
    await asyncio.gather(*[service.responses.create(model="gpt-5.5", input=x) for x in "ab"], task)  # call: timeout=27
    async with service.responses.stream(model="gpt-5.5", input="x") as stream:  # call: streams=True
        async for event in stream:
            print(event)


def in_threads():
    with ThreadPoolExecutor() as pool:
        pool.submit(client.responses.create, model="gpt-5.5", input="x", max_output_tokens=28)  # call: output_bound=28
    create = client.responses.create
    create(model="gpt-5.5", input="x", max_output_tokens=29)  # call: output_bound=29
    bounded = functools.partial(client.responses.create, model="gpt-5.5", max_output_tokens=30)
    bounded(input="x")  # call: output_bound=30
    bounded(input="x", max_output_tokens=31)  # call: output_bound=31


def from_outside(service: OpenAI, other, third: "AsyncOpenAI | None" = None):
    service.responses.create(model="gpt-5.5", input="x")  # call: retries=? output_bound=-
    other.chat.completions.create(model="gpt-5.5", messages=[])  # call: retries=? output_bound=-
    third.responses.create(model="gpt-5.5", input="x")  # call: retries=? awaits=True
    other.messages.create(to="+1", body="an SMS")
    other.create(model="x")


# module client
openai.responses.create(model="gpt-5.5", input="x")  # call: retries=32 timeout=600
openai.max_retries = 32


# cycles, rebinding, dynamic code
def cycle_a():
    return cycle_b()


def cycle_b():
    return cycle_a()


cycle_a().responses.create(model="gpt-5.5")  # call: retries=?
client = client
