"""Train the shipped reader; run as python -m qa.training, imported by nothing."""
