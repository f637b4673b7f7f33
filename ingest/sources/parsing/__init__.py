"""Bytes and markup from strangers, made safe to read: encodings, XML, HTML, what a page states about itself."""
