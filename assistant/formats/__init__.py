"""Formats of answers, articles and quotations outside the page and Slack: text, JSON and Markdown."""
