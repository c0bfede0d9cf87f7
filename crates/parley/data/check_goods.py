#!/usr/bin/env python3
"""Checks goods.tsv: its columns, scripts, spellings and that no word names two goods of one language.

Prints every fault with its line and exits with 1 if there is one. Needs Python 3.9 and nothing else.
"""

import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

TABLE = Path(__file__).with_name("goods.tsv")
LANGUAGES = "en hi bn ta te mr gu kn ml pa or as ur".split()
ROMANISED = "hi-Latn bn-Latn ta-Latn te-Latn".split()
HEADER = ["lemma", "unit", "hsn", *LANGUAGES, *ROMANISED, "source"]
UNITS = set("kg g quintal litre ml piece dozen packet bunch metre box bag".split())
SOURCES = {"cldr", "wd", "wkt", "iwn", "list", "hand"}
ROWS_MIN = 230
FORM_CHARS_MAX = 40
FORMS_MAX = 20

# The letters and marks of each script: first and last code point of its block. Digits and punctuation of the blocks
# are refused apart, by their Unicode category.
BLOCKS = {
    "hi": (0x0900, 0x097F), "mr": (0x0900, 0x097F),
    "bn": (0x0980, 0x09FF), "as": (0x0980, 0x09FF),
    "pa": (0x0A00, 0x0A7F), "gu": (0x0A80, 0x0AFF), "or": (0x0B00, 0x0B7F), "ta": (0x0B80, 0x0BFF),
    "te": (0x0C00, 0x0C7F), "kn": (0x0C80, 0x0CFF), "ml": (0x0D00, 0x0D7F), "ur": (0x0600, 0x06FF),
}
# Letters of the block that the language does not write, and what it writes instead.
FOREIGN = {
    "as": {"র": "ৰ"},
    "bn": {"ৰ": "র", "ৱ": "ও/য়"},
    "ur": {"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ"},
}
VIRAMA_CCC, NUKTA_CCC = 9, 7
LATIN = re.compile(r"[a-z](?:[a-z -]*[a-z])?")


def letter_faults(language, form):
    """What is wrong with the characters of one form."""
    if language == "en" or language in ROMANISED:
        if not LATIN.fullmatch(form):
            yield "is not lower-case Latin"
        return
    first, last = BLOCKS[language]
    for char in form:
        if char == " ":
            continue
        category = unicodedata.category(char)
        if not first <= ord(char) <= last:
            yield f"has U+{ord(char):04X}, which is outside its script"
        elif category[0] not in "LM":
            yield f"has U+{ord(char):04X}, which is neither a letter nor a mark"
        elif char in FOREIGN.get(language, {}):
            yield f"has {char}, write {FOREIGN[language][char]}"
    for word in form.split(" "):
        if word and unicodedata.category(word[0])[0] == "M":
            yield "has a word that begins with a mark"
        for before, after in zip(word, word[1:]):
            twice = before == after and unicodedata.category(after)[0] == "M"
            signs = unicodedata.category(before) == "Mc" and unicodedata.combining(after) == VIRAMA_CCC
            if twice or signs or (unicodedata.combining(before) == VIRAMA_CCC
                                  and unicodedata.combining(after) == NUKTA_CCC):
                yield "has marks that do not stand together"


def form_faults(language, form):
    """What is wrong with one form."""
    if form != unicodedata.normalize("NFC", form):
        yield "is not NFC"
    if form != " ".join(form.split()):
        yield "has stray spaces"
    if len(form) > FORM_CHARS_MAX:
        yield f"is longer than {FORM_CHARS_MAX} characters"
    yield from letter_faults(language, form)


def source_faults(source):
    """What is wrong with a source cell: every language but English is named under exactly one code."""
    named = []
    for part in source.split(" "):
        code, _, languages = part.partition(":")
        if code not in SOURCES:
            yield f"unknown source {code!r}"
        named += languages.split(",")
    if sorted(named) != sorted(set(LANGUAGES) - {"en"}):
        yield "source does not name each language once"


def row_faults(row):
    """What is wrong with one row by itself."""
    lemma = row["lemma"]
    if not LATIN.fullmatch(lemma):
        yield "lemma is not lower-case Latin"
    if row["unit"] not in UNITS:
        yield f"unknown unit {row['unit']!r}"
    if not re.fullmatch(r"(?:[0-9]{4}|[0-9]{6}|[0-9]{8})?", row["hsn"]):
        yield f"HSN {row['hsn']!r} has not 4, 6 or 8 digits"
    if lemma not in row["en"].split("|"):
        yield "the lemma is not among the English forms"
    yield from source_faults(row["source"])
    for language in LANGUAGES + ROMANISED:
        forms = row[language].split("|")
        if row[language] == "":
            yield f"{language}: empty"
            continue
        if len(forms) != len(set(forms)):
            yield f"{language}: a form stands twice"
        if len(forms) > FORMS_MAX:
            yield f"{language}: more than {FORMS_MAX} forms"
        for form in forms:
            yield from (f"{language}: {form!r} {fault}" for fault in form_faults(language, form))


def read(text, faults):
    """The rows of the table as dictionaries with their line numbers."""
    lines = text.split("\n")
    if lines[0].split("\t") != HEADER:
        faults.append((1, "the header is not " + " ".join(HEADER)))
    if lines[-1] != "":
        faults.append((len(lines), "the last line has no end"))
    rows = []
    for number, line in enumerate(lines[1:-1], start=2):
        cells = line.split("\t")
        if len(cells) == len(HEADER):
            rows.append((number, dict(zip(HEADER, cells))))
        else:
            faults.append((number, f"{len(cells)} cells, not {len(HEADER)}"))
    return rows


def shared_forms(rows):
    """Forms of one language that name two goods."""
    for language in LANGUAGES + ROMANISED:
        owners = defaultdict(list)
        for number, row in rows:
            for form in row[language].split("|"):
                owners[form].append((number, row["lemma"]))
        for form, owner in owners.items():
            if form and len({lemma for _, lemma in owner}) > 1:
                yield owner[-1][0], f"{language}: {form!r} names " + " and ".join(lemma for _, lemma in owner)


def main():
    faults = []
    rows = read(TABLE.read_bytes().decode("utf-8"), faults)
    for number, row in rows:
        faults += ((number, f"{row['lemma']}: {fault}") for fault in row_faults(row))
    lemmas = defaultdict(list)
    for number, row in rows:
        lemmas[row["lemma"]].append(number)
    faults += ((numbers[-1], f"{lemma}: stands twice") for lemma, numbers in lemmas.items() if len(numbers) > 1)
    faults += shared_forms(rows)
    if len(rows) < ROWS_MIN:
        faults.append((1, f"{len(rows)} goods, fewer than {ROWS_MIN}"))
    for number, fault in sorted(faults):
        print(f"goods.tsv:{number}: {fault}")
    forms = sum(len(row[language].split("|")) for _, row in rows for language in LANGUAGES + ROMANISED)
    print(f"{len(rows)} goods, {forms} forms, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
