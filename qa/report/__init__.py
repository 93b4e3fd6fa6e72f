"""Show an evaluation: in the terminal, as a page, and as Markdown."""

from qa.report.markdown import markdown_report as markdown_report
from qa.report.page import html_report as html_report
from qa.report.tables import comparison_view as comparison_view
from qa.report.tables import score_view as score_view
