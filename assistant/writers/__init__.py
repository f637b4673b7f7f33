"""From what was found to an answer: by quoting, or with a language model whose statements are proven."""
