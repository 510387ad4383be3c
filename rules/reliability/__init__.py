"""Retries, time-outs and errors: "Managing rate limits", "Improving latency"."""
