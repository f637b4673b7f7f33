"""Sentences that order their reader about, as injected ones order the model that reads an article."""

import re

from ingest.text import folded

_INSTRUCTION = re.compile(
    r"\b(?:your|the|this) (?:answer|answers|response|responses|reply|replies|message|output|text|prompt|instructions)\b"
    r"|\b(?:ignore|disregard|forget) (?:everything|your|previous|(?:(?:all|any|the|of|these|those) )+(?:\w+ ){0,2}"
    r"(?:instructions?|prompts?|rules?|above|orders?|guidelines?|context|articles?|sentences?|messages?|text))\b"
    r"|\byou (?:are|must|should|will) now\b"
    r"|\b[وف]?(?:انت|انتم) الان\b|\bف?(?:اجب|اجيبي|اجيبوا)\b"
    r"|\b[وفبل]?(?:اجابتك|ردك|جوابك|رسالتك|اجاباتك)\b"
    r"|\b(?:تجاهل|تجاهلي|انس) (?:(?:كل|جميع) (?:ما|التعليمات|الاوامر|التوجيهات|القواعد|السابق)|ما سبق|التعليمات|الاوامر|التوجيهات|القواعد)"
)
# Those of the imperatives that Arabic writes as it writes the past («استخدم الجيش», «تظاهر آلاف») need an object of theirs.
_COMMAND = re.compile(
    r"^\W*(?:please |kindly |now |always |also )?(?:explain|describe|translate|provide|write|compose|draft|develop|"
    r"summari[sz]e|list|tell|say|show|give|add|include|insert|append|mention|replace|use|convert|substitute|render|"
    r"introduce|misspell|scramble|jumble|rearrange|anagram|remove|group|combine|modify|integrate|augment|enhance|repeat|"
    r"print|output|answer|respond|reply|break down|act|pretend|imagine|click|visit|download|install|send|ignore|"
    r"اكتب|اكتبي|اشرح|اضف|اذكر|قل|اجب|احذف|ادرج|اعط|انقر"
    r"|(?:ترجم|استخدم|استبدل|لخص|كرر|تصرف|تظاهر|حمل|ارسل|تجاهل) (?:النص|هذا|هذه|ما سبق|التالي|الجمله|الجمل|الفقره|المقال|بانك|كانك|كل|جميع))\b"
    r"(?! (?:of|was|were|is|are|has|have|had|will|would|may|might|can|could|should|in|by|fell|rose|grew|shrank|stood|hit|"
    r"dropped|declined|slipped|slowed|jumped|surged|climbed|reached|increased|decreased|remained|exceeded)\b)"
)
_TAG = re.compile("<[^<>]*>")


def is_instruction(sentence: str) -> bool:
    """Whether a sentence of an article orders its reader about, or the model that reads it: it carries nothing."""
    flat = _TAG.sub(" ", folded(sentence))
    return bool(_INSTRUCTION.search(flat) or _COMMAND.match(flat))
