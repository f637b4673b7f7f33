"""Check, repair and rebuild an archive, even if it does not open."""
