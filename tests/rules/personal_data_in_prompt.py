"""Fixture of personal-data-in-prompt: values are made up; those that look real belong to reserved ranges or nobody."""

import anthropic
from openai import OpenAI

client = OpenAI()
claude = anthropic.Anthropic()


def complaint():
    return client.responses.create(
        model="gpt-5.5",
        input="Answer the complaint of maria.keller@bluewin.ch about her invoice.",  # finds: personal-data-in-prompt
        max_output_tokens=500,
    )


def caller():
    return client.chat.completions.create(
        model="gpt-5.5",
        messages=[
            {"role": "system", "content": "You take calls. Escalate to +41 44 668 18 00."},  # finds: personal-data-in-prompt
            {"role": "user", "content": "Hello"},
        ],
        max_completion_tokens=500,
    )


SYSTEM = "The customer's social security number is 536-90-4399."  # finds: personal-data-in-prompt


def through_a_constant():
    return claude.messages.create(
        model="claude-opus-4-5", max_tokens=500, system=SYSTEM, messages=[{"role": "user", "content": "Hello"}]
    )


def documentation_values():
    return client.chat.completions.create(
        model="gpt-5.5",
        messages=[
            {"role": "system", "content": "Example: jane@example.com, (212) 555-0142, 4242 4242 4242 4242, 192.0.2.7."},
            {"role": "user", "content": "Write to support@bluewin.ch, version 1.2.3.4, released 2024-03-14."},
        ],
        max_completion_tokens=500,
    )


def missed_names():
    return client.responses.create(
        model="gpt-5.5",
        input="Answer Maria Keller of Winterthur.",  # missed: a name needs a model
        max_output_tokens=500,
    )


def not_a_prompt():
    return {"contact": "maria.keller@bluewin.ch"}
