"""The built-in embedding model, multilingual-e5-small, on two engines whose vectors are interchangeable."""
