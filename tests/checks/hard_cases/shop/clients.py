import functools
from contextlib import asynccontextmanager, contextmanager

import httpx
from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI

from .config import RETRIES, TIMEOUT

default_client = OpenAI(max_retries=RETRIES, timeout=TIMEOUT)


def get_client():
    return OpenAI(max_retries=1)


@functools.lru_cache
def cached_client() -> OpenAI:
    client = OpenAI(timeout=httpx.Timeout(20.0, connect=2.0))
    return client


_singleton = None


def singleton():
    global _singleton
    if _singleton is None:
        _singleton = OpenAI(max_retries=5)
    return _singleton


def either(azure: bool):
    if azure:
        return AzureOpenAI(max_retries=3, timeout=10)
    return OpenAI(max_retries=3, timeout=20)


def annotated_only() -> AsyncOpenAI:
    return registry["openai"]


@contextmanager
def opened():
    client = OpenAI(max_retries=6)
    yield client


class Pool:
    def __init__(self, size, client=None):
        self.size = size
        self.client = client or OpenAI(max_retries=7)
        self.azure = AsyncAzureOpenAI(api_version="x", max_retries=8)

    def __enter__(self):
        return self.client

    def __exit__(self, *error):
        pass


class Lazy:
    @functools.cached_property
    def client(self):
        return OpenAI(max_retries=9)


def with_kwargs(**kwargs):
    return OpenAI(**kwargs)
