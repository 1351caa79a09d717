"""One template: what it asks for, whether it may run, and the document it makes.

A template is text with holes, not a program: variables, a dot, a condition, a loop over a list that was
given, the filters of this house. Everything else that Jinja can do (calls, imports, arithmetic, macros) is
refused when the template is read, so neither time nor memory can be taken by it.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from b24flow.errors import Refused
from b24flow.rendering.names import NameUse, name_uses
from b24flow.rendering.package import BadDocument, check, refuse_heavy, settled
from b24flow.rendering.qr import QR_FILTER, picture

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

Filter = Callable[..., Any]


class BadTemplate(Refused):
    """A template cannot be used; `problems` says everything that is wrong with it, in Russian."""

    code = "refused.bad_template"

    def __init__(self, name: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"Шаблон «{name}»: " + "; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Template:
    """A checked .docx template; `version` is its sha256."""

    name: str
    content: bytes
    filters: Mapping[str, Filter]

    def __post_init__(self) -> None:
        check(self.content, self.name)
        refuse_heavy(self.content, self.name)
        with _markup(self.name):
            problems = tuple(_forbidden(self._tree, self.filters))
        if problems:
            raise BadTemplate(self.name, problems)
        with _markup(self.name):  # what is forbidden is gone: only now may constants be computed
            self._environment().compile(self._tree)

    @property
    def version(self) -> str:
        """The sha256 of the template's file."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def _tree(self) -> nodes.Template:
        source = _opened(self.content, self.name)
        with _markup(self.name):
            return self._environment().parse(source)

    def _environment(self) -> SandboxedEnvironment:
        from jinja2 import StrictUndefined  # noqa: PLC0415
        from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415

        made = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
        made.filters.clear()
        made.filters.update(self.filters)
        made.globals.clear()
        made.tests = {name: made.tests[name] for name in ("defined", "none")}
        return made

    @property
    def variables(self) -> frozenset[str]:
        """The names of the values it takes from outside."""
        from jinja2 import meta  # noqa: PLC0415

        return frozenset(meta.find_undeclared_variables(self._tree))

    def missing(self, known: frozenset[str]) -> tuple[str, ...]:
        """Return the names it asks for that nobody gives, sorted."""
        return tuple(sorted(self.variables - known))

    def names(self) -> tuple[NameUse, ...]:
        """Return every name it uses with the path that leads to it, through its loops."""
        return name_uses(self._tree)

    def render(self, values: Mapping[str, Any]) -> bytes:
        """Return the document; the same values always give the same bytes.

        Raises BadTemplate naming a value that is missing.
        """
        from docxtpl import DocxTemplate  # noqa: PLC0415
        from jinja2 import TemplateError, UndefinedError  # noqa: PLC0415

        missing = self.missing(frozenset(values))
        if missing:
            raise BadTemplate(self.name, tuple(f"нет значения «{one}»" for one in missing))
        document = DocxTemplate(io.BytesIO(self.content))
        environment = self._environment()
        if QR_FILTER in self.filters:  # a picture belongs to the document that is being made
            environment.filters[QR_FILTER] = lambda text: picture(document, str(text or ""))
        try:
            document.render(dict(values), jinja_env=environment, autoescape=True)
        except UndefinedError as error:
            raise BadTemplate(self.name, (f"нет значения: {error.message}",)) from error
        except TemplateError as error:
            raise BadTemplate(self.name, (f"не заполняется: {error.message}",)) from error
        except (TypeError, ValueError, AttributeError, LookupError) as error:  # markup broken by its author
            raise BadTemplate(self.name, (f"не заполняется: {error}"[:200],)) from error
        target = io.BytesIO()
        document.save(target)
        return settled(target.getvalue())


@contextmanager
def _markup(name: str) -> Iterator[None]:
    """Turn what the library says of markup it cannot read into BadTemplate, in Russian."""
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415 - heavy, needed only by who renders

    try:
        yield
    except TemplateSyntaxError as error:
        raise BadTemplate(name, (f"ошибка в разметке: {_said(error.message)}",)) from error
    except (RecursionError, ValueError) as error:
        raise BadTemplate(name, ("ошибка в разметке: слишком длинная или вложенная запись",)) from error


def _opened(content: bytes, name: str) -> str:
    """Return what is filled in; raises BadDocument for a package that the library cannot open."""
    try:
        return _source(content)
    except (SyntaxError, LookupError, ValueError, AttributeError, TypeError, RecursionError) as error:
        # Broken XML is a SyntaxError of lxml; a missing part fails with whatever looked for it.
        raise BadDocument(f"«{name}»: файл повреждён или это не документ Word (.docx).") from error


_MESSAGES: Mapping[str, str] = {
    "Encountered unknown tag": "неизвестная команда",
    "Unexpected end of template": "не закрыта команда {% … %}",
    "unexpected end of template": "не закрыта скобка поля",
    "No test named": "неизвестная проверка после «is»",
    "expected token": "лишний или недостающий знак", "tag name expected": "после «{%» нет команды",
    "unexpected '": "лишний знак", "unexpected char": "недопустимый знак",
    "Missing end of": "не закрыта команда {% … %}",
}


def _said(message: str | None) -> str:
    """Return what the library says in English, in Russian, with the word it is about."""
    text = message or ""
    said = next((found for start, found in _MESSAGES.items() if text.startswith(start)), "непонятная запись")
    word = re.search(r"'([^']{1,40})'", text)
    return f"{said}: «{word[1]}»" if word and not text.startswith("Unexpected end") else said


def _source(content: bytes) -> str:
    """Return everything in a document that is filled in: body, headers, footers, notes, properties."""
    from docx import Document  # noqa: PLC0415
    from docxtpl import DocxTemplate  # noqa: PLC0415

    template = DocxTemplate(io.BytesIO(content))
    opened = Document(io.BytesIO(content))
    parts = [template.patch_xml(template.xml_to_string(opened.element.body))]
    kinds = {template.HEADER_URI, template.FOOTER_URI}
    parts += [
        template.patch_xml(relation.target_part.blob.decode("utf-8"))
        for relation in opened.part.rels.values()
        if relation.reltype in kinds or relation.reltype.endswith(_ALSO)
    ]
    core = opened.core_properties
    parts += [str(getattr(core, name)) for name in _PROPERTIES]
    return "\n".join(parts)


_ALSO = ("/footnotes", "/endnotes")
_PROPERTIES = ("author", "title", "subject", "keywords", "comments", "category")


_FORBIDDEN: Mapping[str, str] = {
    "Call": "вызов функции", "Import": "import", "FromImport": "import", "Include": "include",
    "Extends": "extends", "Macro": "macro", "CallBlock": "call", "FilterBlock": "filter", "Block": "block",
    "Mul": "умножение", "Pow": "степень", "Add": "сложение", "Sub": "вычитание", "Div": "деление",
    "FloorDiv": "деление", "Mod": "%", "Concat": "~", "Assign": "set", "AssignBlock": "set", "Do": "do",
    "With": "with", "Scope": "with", "EvalContextModifier": "autoescape", "Dict": "словарь",
}


def _forbidden(tree: nodes.Template, filters: Mapping[str, Filter]) -> list[str]:
    from jinja2 import nodes  # noqa: PLC0415

    found: dict[str, None] = {}
    for node in tree.find_all(nodes.Node):
        kind = type(node).__name__
        if kind in _FORBIDDEN:
            found[f"в шаблоне код, а не поля: {_FORBIDDEN[kind]}"] = None
        elif isinstance(node, nodes.Filter) and node.name not in filters:
            found[f"неизвестное преобразование «{node.name}»"] = None
        elif isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            found[f"закрытое имя «{node.attr}»"] = None
        elif isinstance(node, nodes.Getitem):
            found["в шаблоне код, а не поля: квадратные скобки"] = None
        elif isinstance(node, nodes.For) and node.recursive:
            found["в шаблоне код, а не поля: рекурсивный цикл"] = None
    if _crossed(tree, frozenset(), 0) > MAX_CROSSED:
        found[f"цикл в цикле: больше {MAX_CROSSED} независимых списков друг в друге"] = None
    return list(found)


MAX_CROSSED = 2
"""Lists that may be gone through inside one another, apart from lists of the outer one's own rows."""


def _crossed(node: nodes.Node, rows: frozenset[str], depth: int) -> int:
    """Return how many independent lists are gone through at once: their lengths multiply."""
    from jinja2 import nodes  # noqa: PLC0415

    deepest = depth
    for child in node.iter_child_nodes():
        inner, names = depth, rows
        if isinstance(child, nodes.For):
            over = {one.name for one in child.iter.find_all(nodes.Name)}
            over |= {child.iter.name} if isinstance(child.iter, nodes.Name) else set()
            names = rows | {one.name for one in child.target.find_all(nodes.Name)}
            names |= {child.target.name} if isinstance(child.target, nodes.Name) else frozenset()
            inner = depth + (0 if over & rows else 1)
        deepest = max(deepest, _crossed(child, names, inner))
    return deepest
