"""Model versions, evaluation, monitoring: "MLOps strategy", "Evaluation and iteration"."""
