"""`processes/*.yaml` → `core.ProcessDefinition`, with everything that is wrong told at once.

Every finding is `file:line: path: what is wrong` in Russian. Names are checked even in a file
that has other errors; the route as a whole only in one that has none, because a step that could
not be read would be reported again as missing. The digest is of the content: comments, quotes and
indents do not make a new version of a process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from b24flow.core.check import did_you_mean, flow, references
from b24flow.core.definition import ProcessDefinition
from b24flow.core.supersession import REPEALED, can_be_repealed
from b24flow.definitions.build import build
from b24flow.definitions.fragments import join, merged, path_of, read_fragment, split, used
from b24flow.definitions.nodes import MAX_BYTES, Findings, Keys, canonical_digest, read_nodes
from b24flow.definitions.schema import PROCESS_KEYS, Block, Lines
from b24flow.errors import DefinitionError, Finding

_BOM = "\ufeff"


def load_process(path: Path) -> ProcessDefinition:
    """Read one process file with the shared parts it uses, from the folder `shared` beside it.

    Raises DefinitionError with all findings, never anything else.
    """
    text = _read(path)
    findings = Findings(str(path))
    root = read_nodes(text.removeprefix(_BOM), findings)
    names = used(root, findings) if root is not None else ()
    there = [name for name in names if path_of(path, name).is_file()]
    return parse_process(join(text, {name: _read(path_of(path, name)) for name in there}), str(path),
                         frozenset(one.stem for one in path_of(path, "x").parent.glob("*.yaml")))


def load_processes(folder: Path) -> Mapping[str, ProcessDefinition]:
    """Read every `*.yaml` of a folder, by process code.

    Raises DefinitionError with the findings of all files, and with what does not fit between them:
    one code or one registry used twice, a process started that is not there.
    """
    try:
        paths = sorted(one for one in folder.iterdir() if one.suffix == ".yaml")
    except (OSError, ValueError):
        raise _unreadable(str(folder), "папка процессов не читается") from None
    if not paths:
        raise _unreadable(str(folder), "в папке нет ни одного файла *.yaml")
    findings: list[Finding] = []
    loaded: list[tuple[Path, ProcessDefinition]] = []
    for path in paths:
        try:
            loaded.append((path, load_process(path)))
        except DefinitionError as error:
            findings += error.findings
    findings += _between(loaded, complete=not findings)
    if findings:
        raise DefinitionError(findings)
    return MappingProxyType({one.code: one for _, one in loaded})


def parse_process(text: str, file: str, shared: Collection[str] = ()) -> ProcessDefinition:
    """Read the text of a process file, its fragments behind it; `file` is how findings name it.

    `shared` are the fragments there are, to guess which one a misspelt name means.

    Raises DefinitionError with all findings, never anything else, whatever the text.
    """
    findings, lines = Findings(file), Lines({"": 1})
    definition = _built(text, findings, lines, shared)
    problems = references(definition)
    if not problems and not findings.found:
        problems = flow(definition)
    for problem in problems:
        findings.add(lines.of(problem.path), problem.path, problem.text)
    if findings.found:
        raise DefinitionError(findings.sorted())
    return definition


def parse_archived(text: str, file: str) -> ProcessDefinition:
    """Parse the text of a definition that passed the check once, when documents began under it.

    It is not checked again: what is refused in a new file today must not stop a document that runs already.
    Raises DefinitionError only when the text itself cannot be read any more.
    """
    findings = Findings(file)
    definition = _built(text, findings, Lines({"": 1}), ())
    if findings.found:
        raise DefinitionError(findings.sorted())
    return definition


def _built(text: str, findings: Findings, lines: Lines, shared: Collection[str]) -> ProcessDefinition:
    """Return what the text says; raises DefinitionError when it is no mapping at all."""
    root = _whole(text.removeprefix(_BOM), findings, shared)
    if root is None:
        raise DefinitionError(findings.sorted())
    return build(Block(root, "", findings, lines, PROCESS_KEYS), canonical_digest(root), text)


def _whole(text: str, findings: Findings, shared: Collection[str]) -> Keys | None:
    """Return the tree of a process with its fragments put in."""
    own, fragments = split(text)
    root = read_nodes(own, findings)
    if root is None:
        return None
    found = []
    for name in used(root, findings):
        if name not in fragments:
            line = next(key.line for key, _ in root.pairs if key.value == "uses")
            guess = did_you_mean(name, [*fragments, *shared])
            findings.add(line, "uses", f"нет общей части «{name}»{guess}: ожидался файл shared/{name}.yaml")
            continue
        part = read_fragment(name, fragments[name], findings)
        if part is not None:
            found.append(part)
    return merged(root, found)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        raise _unreadable(str(path), "файл не читается") from None
    if len(raw) > MAX_BYTES:
        raise _unreadable(str(path), f"файл больше {MAX_BYTES // 1024} КБ")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        text = "файл не в кодировке UTF-8"
        raise DefinitionError([Finding(str(path), line, "файл", text)]) from None


def _unreadable(file: str, text: str) -> DefinitionError:
    return DefinitionError([Finding(file, 1, "файл", text)])


def _between(
    loaded: Iterable[tuple[Path, ProcessDefinition]], *, complete: bool
) -> Iterable[Finding]:
    """What does not fit between files; `complete`: all files could be read."""
    codes: dict[str, Path] = {}
    types: dict[int, Path] = {}
    pairs = list(loaded)
    for path, one in pairs:
        if first := codes.get(one.code):
            yield Finding(str(path), 1, "process", f"процесс «{one.code}» уже есть в {first.name}")
        codes.setdefault(one.code, path)
        if one.registry is None:
            continue
        number = one.registry.entity_type_id
        if first := types.get(number):
            text = f"номер {number} уже занят реестром из {first.name}"
            yield Finding(str(path), 1, "registry.entity_type_id", text)
        types.setdefault(number, path)
    for path, one in pairs:
        for action in one.actions:
            if complete and action.starts and action.starts not in codes:
                text = f"нет процесса «{action.starts}»"
                yield Finding(str(path), 1, f"actions.{action.code}.starts", text)
        if complete:
            yield from _superseded(path, one, {each.code: each for _, each in pairs})


def _superseded(
    path: Path, definition: ProcessDefinition, known: Mapping[str, ProcessDefinition]
) -> Iterable[Finding]:
    """A process may repeal documents of processes that exist and whose documents can be repealed."""
    for code in definition.policies.supersedes:
        if code not in known:
            yield Finding(str(path), 1, "policies.supersedes", f"нет процесса «{code}»")
        elif not can_be_repealed(known[code]):
            text = f"в процессе «{code}» нет шага {REPEALED}: его документы нельзя отменить"
            yield Finding(str(path), 1, "policies.supersedes", text)
