"""Data protection and safety: "Security and compliance", "Safety best practices"."""
