"""Measures of rankings, answers, highlights and confidence, and how sure they are."""
