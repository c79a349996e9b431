"""Files and functions stay short enough to be read at one go."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES = 500
FUNCTION_LINES = 70
UNNAMED = {"utils.py", "helpers.py", "signals.py", "managers.py"}
EXCEPTIONS: dict[str, int] = {}
"""Files that were let past the limit, with their length then: none may grow further."""

FILES = sorted(
    path
    for folder in ("src", "tests", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts and "__pycache__" not in path.parts
)


def test_there_is_something_to_measure() -> None:
    assert len(FILES) > 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_lengths(path: Path) -> None:
    text = path.read_text()
    lines = text.count("\n")
    assert lines <= EXCEPTIONS.get(str(path.relative_to(ROOT)), FILE_LINES), (
        f"{lines} lines: make it a package of topics"
    )
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", [path for path in FILES if "src" in path.parts], ids=lambda path: path.stem)
def test_names_say_something(path: Path) -> None:
    assert path.name not in UNNAMED, "name the file after what is in it"
