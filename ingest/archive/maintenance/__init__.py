"""Check, repair and rebuild an archive; also one that does not open."""
