"""The one condition language: a small typed tree, kept as JSON.

Segments, earning rules, journeys, benefits and risk say whom they mean in it. A tree is read and checked (`read`),
written back (`as_json`), told in Chinese and in English (`sentence`) and decided about one mapping (`predicate`);
`insight/compute` decides about a whole table at once.

**Two values, no third.** A comparison with a missing value is false, whatever its operator, so both "spent more than
100" and "spent at most 100" are false where nothing is known. `Not` turns a condition round and knows nothing of
missing values: not(spent more than 100) is true where nothing is known. Whoever cares asks with `missing`. A value is
missing where it is null, NaN, or not there at all; an empty set of tags is not missing. `AllOf` nothing is true, which
is how a tree means everybody; `AnyOf` nothing is refused.
"""

from regulars.core.conditions.fields import Choice, Field, FieldType, Op
from regulars.core.conditions.predicate import Predicate, predicate
from regulars.core.conditions.reading import InvalidCondition, read
from regulars.core.conditions.sentence import Formatter, plain, sentence
from regulars.core.conditions.tree import (
    EVERYBODY,
    AllOf,
    AnyOf,
    Comparison,
    Not,
    Tree,
    as_json,
    comparisons,
    used_fields,
)

__all__ = [
    "EVERYBODY",
    "AllOf",
    "AnyOf",
    "Choice",
    "Comparison",
    "Field",
    "FieldType",
    "Formatter",
    "InvalidCondition",
    "Not",
    "Op",
    "Predicate",
    "Tree",
    "as_json",
    "comparisons",
    "plain",
    "predicate",
    "read",
    "sentence",
    "used_fields",
]
