"""Every word that the program can show: found in templates and in the source, as gettext will look it up."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.template.base import Lexer, TokenType

import regulars

PACKAGE = Path(regulars.__file__).parent
TEMPLATES = [PACKAGE / room / "templates" for room in ("console", "portal")]
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
TRANSLATE = re.compile(r"""^trans(?:late)?\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
MARKED = re.compile(r"""\b_\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)""")

Word = tuple[str, ...]
"""A msgid, with its plural if it has one."""


def in_templates() -> Iterator[tuple[str, Word]]:
    """(template, word) for everything that templates say."""
    for path in sorted(path for folder in TEMPLATES for path in folder.rglob("*")):
        if path.suffix in (".html", ".txt"):
            name = str(path.relative_to(PACKAGE))
            for word in words_of(path.read_text()):
                yield name, word


def words_of(source: str) -> Iterator[Word]:
    """The words of one template."""
    block: list[str] | None = None
    singular = ""
    for token in Lexer(source).tokenize():
        content = token.contents
        if token.token_type == TokenType.BLOCK and content.split()[0] in ("blocktranslate", "blocktrans"):
            block, singular = [], ""
            assert "trimmed" not in content.split()
        elif token.token_type == TokenType.BLOCK and content.split()[0] == "plural":
            singular, block = "".join(block or ()), []
        elif token.token_type == TokenType.BLOCK and content.split()[0].startswith("endblocktrans"):
            text = "".join(block or ())
            yield (singular, text) if singular else (text,)
            block = None
        elif block is not None:
            block.append(f"%({content})s" if token.token_type == TokenType.VAR else content.replace("%", "%%"))
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR):
            if found := TRANSLATE.match(content):
                yield (ast.literal_eval(found[1]).replace("%", "%%"),)
            yield from ((ast.literal_eval(text),) for text in MARKED.findall(content))
        else:
            # Attributes of components are expressions as well: :label="_('Name')".
            yield from ((ast.literal_eval(text),) for text in MARKED.findall(content))


def in_source() -> Iterator[tuple[str, Word]]:
    """(file, word) for everything that Python code says."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in CALLS:
                continue
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if texts:
                yield str(path.relative_to(PACKAGE)), tuple(texts[: 2 if node.func.id.startswith("ng") else 1])


def catalogue(path: Path) -> dict[Word, tuple[str, ...]]:
    """A .po file: the words and what they are in the other language."""
    found: dict[Word, tuple[str, ...]] = {}
    for entry in path.read_text().split("\n\n"):
        parts: dict[str, str] = {}
        key = ""
        for line in entry.splitlines():
            if match := re.match(r'(msgid_plural|msgid|msgstr(?:\[\d\])?) (".*")$', line):
                key, text = match[1], match[2]
            elif line.startswith('"'):
                text = line
            else:
                continue
            parts[key] = parts.get(key, "") + ast.literal_eval(text)
        if parts.get("msgid"):
            word = (parts["msgid"], parts["msgid_plural"]) if "msgid_plural" in parts else (parts["msgid"],)
            found[word] = tuple(parts[name] for name in sorted(parts) if name.startswith("msgstr"))
    return found
