"""From the world into the archive: sources, cleaning, passages, embedding, storage."""
