"""What an answer, an article or a quotation looks like outside the page and Slack: text, JSON and Markdown."""
