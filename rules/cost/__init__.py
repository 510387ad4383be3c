"""Cost and latency: "Managing costs", "Improving latency", "Scaling"."""
