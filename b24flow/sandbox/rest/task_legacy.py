"""The oldest methods of tasks: parameters are read by their places, whatever they are called.

Facts: api-reference/tasks/{checklist-item,comment-item}/*.md (the texts of the refusals).
"""

from __future__ import annotations

from b24flow.sandbox.registry import Call
from b24flow.sandbox.wire import Json, RestError


def wrong(text: str) -> RestError:
    """Build the refusal of an argument."""
    return RestError("ERROR_CORE", f"TASKS_ERROR_EXCEPTION_#256; {text}; 256/TE/WRONG_ARGUMENTS<br>")


def arguments(call: Call, method: str, names: list[str], required: int) -> list[Json]:
    """Return the values of a call by place; absent ones at the end are None.

    `names` are the names of the arguments; one that begins with `*` is an array, the others are
    integers. `method` is the class's method as the refusals spell it, without `ctask`.
    """
    values = list(call.params.values())
    found: list[Json] = []
    for place, name in enumerate(names):
        label = f"Param #{place} ({name.lstrip('*')})"
        value = values[place] if place < len(values) else None
        is_array = name.startswith("*")
        if value is None or (is_array and value in ("", [], {})):
            if place < required:
                raise wrong(f"{label} expected by method ctask{method}(), but not given.")
            found.append(None)
            continue
        if is_array != isinstance(value, dict | list) or (not is_array and not _is_integer(value)):
            kind = "array" if is_array else "integer"
            raise wrong(f'{label} for method ctask{method}() expected to be of type "{kind}", but given '
                        "something else.")  # fmt: skip
        found.append(value)
    return found


def _is_integer(value: Json) -> bool:
    return not isinstance(value, bool) and str(value).strip().lstrip("-").isdigit()
