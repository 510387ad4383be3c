"""What applications, examples and notebooks do: each of these was missed once, or listed without being a call."""

import os
from typing import Optional, Union

import boto3
import chainlit as cl
import httpx
import requests
import streamlit as st
from browser_use import Agent as Browsing
from flask import current_app, g
from haystack import Pipeline
from haystack.components.embedders import OpenAITextEmbedder
from haystack.components.fetchers import LinkContentFetcher
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI
from langgraph.graph import START, StateGraph
from strands import Agent
from trustcall import create_extractor

# what a session, an application or a request keeps under a name
st.session_state.one = ChatOpenAI(max_tokens=1)
st.session_state.one.invoke("x")  # call: output_bound=1
st.session_state["two"] = ChatOpenAI(max_tokens=2)
st.session_state["two"].invoke("x")  # call: output_bound=2
st.session_state.two.invoke("x")  # call: output_bound=2
st.session_state.get("two").invoke("x")  # call: output_bound=2
st.session_state.other["two"].invoke("x")
if "three" not in st.session_state:
    st.session_state.three = None
st.session_state.messages = []
st.session_state.messages.append("x")


def later():
    st.session_state.three = ChatOpenAI(max_tokens=3)
    kept = st.session_state.three
    kept.invoke("x")  # call: output_bound=3
    g.four = ChatOpenAI(max_tokens=4)
    g.four.invoke("x")  # call: output_bound=4
    current_app.config["five"].invoke("x")  # call: output_bound=5


current_app.config["five"] = ChatOpenAI(max_tokens=5)


@cl.on_chat_start
async def start():
    cl.user_session.set("six", ChatOpenAI(max_tokens=6))
    cl.user_session.set("maybe", ChatOpenAI(max_tokens=6) if cl else unknown())


@cl.on_message
async def message(text):
    chat = cl.user_session.get("six")
    await chat.ainvoke(text)  # call: output_bound=6 awaits=True
    await cl.user_session.get("maybe").ainvoke(text)  # call: output_bound=?
    said = cl.user_session.get("seven")  # type: ChatOpenAI
    await said.ainvoke(text)  # call: output_bound=?
    unsaid = cl.user_session.get("seven")  # type: ignore
    await unsaid.ainvoke(text)


# one of several
def pair(name):
    try:
        return ChatOpenAI(max_tokens=8), ChatOpenAI(max_tokens=9)
    except ValueError:
        return None, None


first, second = pair("x")
first.invoke("x")  # call: output_bound=8
second.invoke("x")  # call: output_bound=9


def annotated() -> tuple[ChatOpenAI, int]:
    return unknown()


third, _ = annotated()
third.invoke("x")  # call: output_bound=?


class Fallbacks:
    def __init__(self):
        self.models = [("a", ChatOpenAI(max_tokens=10))]
        self.models.append(("b", ChatOpenAI(max_tokens=10)))
        self.spare: Optional[Union[ChatOpenAI, int]] = None

    def ask(self):
        for position, (name, llm) in enumerate(self.models):
            llm.with_structured_output(dict).invoke("x")  # call: output_bound=10
        return self.spare.invoke("x")  # call: output_bound=?


by_name = {"a": ChatOpenAI(max_tokens=11), "b": ChatOpenAI(max_tokens=12)}
for key, value in by_name.items():
    value.invoke(key)  # call: output_bound=?
by_name.get(os.environ["NAME"]).invoke("x")  # call: output_bound=?
for model in by_name.values():
    model.invoke("x")  # call: output_bound=?
for model, prompt in zip([ChatOpenAI(max_tokens=13)], ["x"]):
    model.invoke(prompt)  # call: output_bound=13
several = [ChatOpenAI(max_tokens=14) for _ in range(3)]
several[0].invoke("x")  # call: output_bound=14
several[int(os.environ["NUMBER"])].invoke("x")  # call: output_bound=?
for model in several[1:]:
    model.invoke("x")  # call: output_bound=14


def annotated_list(models: list[ChatOpenAI]):
    for model in models:
        model.invoke("x")  # call: output_bound=?


# a method that says what a thing is
def told(llm):
    return llm.with_structured_output(dict).invoke("x")  # call: output_bound=?


layers = {"a": ChatOpenAI(max_tokens=15), "b": ChatOpenAI(max_tokens=15)} | RunnableLambda(str)
layers.invoke("x")  # call: output_bound=15


# a function inside another, only handed on: the outer one's callers decide
def each(limit, rows):
    def ask(row):
        for question, _ in zip(row["questions"], row["answers"]):
            ChatOpenAI(max_tokens=limit).invoke(question)  # call: output_bound=?

    return list(map(ask, rows))


each(16, [])  # via: output_bound=16


# where only the body tells
def caption(endpoint, picture):
    body = {"messages": [{"role": "user", "content": picture}], "temperature": 0}
    requests.post(endpoint, json=body, timeout=17)  # call: timeout=17 output_bound=-
    requests.post(os.environ["OCR"], json={"model": "m", "document": {"document_url": picture}}, timeout=18)  # call: timeout=18
    requests.post(f"{endpoint}/chat", json=body)
    requests.post(endpoint, json={"model": "estate", "input": picture})
    httpx.post("https://api.groq.com/openai/v1/batches", json={}, timeout=19)  # call: timeout=19


# a graph of functions that ask nobody, and one that has a model in it
def count(state):
    return {"count": state["count"] + len(str(state))}


def answer(state):
    return {"answer": ChatOpenAI(max_tokens=20).invoke("x")}  # call: output_bound=20


counting = StateGraph(dict)
counting.add_node("count", count)
counting.add_edge(START, "count")
counting.compile().invoke({"count": 1})
answering = StateGraph(dict)
answering.add_node("count", count)
answering.add_node(answer)
answering.compile().invoke({})  # call: sdk="langgraph"
unseen = StateGraph(dict)
unseen.add_node("elsewhere", elsewhere)
unseen.compile().invoke({})  # call: sdk="langgraph"

fetching = Pipeline()
fetching.add_component("fetcher", LinkContentFetcher())
fetching.run({})
embedding = Pipeline()
embedding.add_component("fetcher", LinkContentFetcher())
embedding.add_component("embedder", OpenAITextEmbedder())
embedding.run({})  # call: sdk="haystack"

# agents
Agent(model="m")("x")  # call: sdk="strands"
create_extractor(ChatOpenAI(), tools=[]).with_listeners().invoke("x")  # call: sdk="trustcall"
boto3.client("bedrock-agent-runtime").retrieve_and_generate(input={})  # call: operation="retrieve_and_generate" timeout=?


async def browse():
    await Browsing(task="x", llm=ChatOpenAI()).run(max_steps=21)  # call: max_turns=21
