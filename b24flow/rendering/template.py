"""One template: what it asks for, whether it may run, and the document it makes.

A template is text with holes, not a program: variables, a dot, a condition, a loop over a list that was
given, the filters of this house. Everything else that Jinja can do (calls, imports, arithmetic, macros) is
refused when the template is read, so neither time nor memory can be taken by it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from b24flow.errors import Refused
from b24flow.rendering.names import NameUse, name_uses
from b24flow.rendering.package import check, settled
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
        problems = tuple(_forbidden(self._tree, self.filters))
        if problems:
            raise BadTemplate(self.name, problems)

    @property
    def version(self) -> str:
        """The sha256 of the template's file."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def _tree(self) -> nodes.Template:
        from jinja2 import TemplateSyntaxError  # noqa: PLC0415 - heavy, needed only by who renders

        try:
            return self._environment().parse(_source(self.content))
        except TemplateSyntaxError as error:
            raise BadTemplate(self.name, (f"ошибка в разметке: {error.message}",)) from error

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
    return list(found)
