"""Reads databricks.yml and the files that it includes; every mistake is a `Problem`, none an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lakehouse.errors import ConfigurationError

FILE = "databricks.yml"
TOP = {"bundle", "include", "sync", "artifacts", "variables", "workspace", "targets", "resources", "permissions"}
# Lists whose entries a target changes one by one, by the key that names them.
KEYED = {"tasks": "task_key", "job_clusters": "job_cluster_key", "environments": "environment_key"}


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: `where` in the bundle it is, and `what` is wrong."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Bundle:
    """The bundle as written: `tree` merged of all files, `origins` tells in which file a resource stands."""

    root: Path
    tree: dict[str, Any]
    origins: Mapping[tuple[str, str], Path]
    problems: list[Problem] = field(default_factory=list)

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the targets, in their order."""
        return tuple(self.tree.get("targets", {}))


class _Loader(yaml.SafeLoader):
    """YAML whose mappings name no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load(root: Path) -> Bundle:
    """Read the bundle in a checkout.

    Raises:
        ConfigurationError: There is no databricks.yml in `root`, or it is not YAML.
    """
    if not (root / FILE).is_file():
        raise ConfigurationError(f"no {FILE} in {root.resolve()}: run this in a checkout of the observatory")
    problems: list[Problem] = []
    tree = _read(root / FILE, root, problems)
    if not tree:
        raise ConfigurationError("; ".join(map(str, problems)) or f"{FILE} is empty")
    problems += [Problem(FILE, f"unknown key {key!r}") for key in sorted(set(tree) - TOP)]
    origins: dict[tuple[str, str], Path] = {}
    resources: dict[str, dict[str, Any]] = {}
    for file in [root / FILE, *_included(root, tree, problems)]:
        read = tree if file == root / FILE else _read(file, root, problems)
        if extra := sorted(set(read) - {"resources"}) if read is not tree else []:
            problems.append(Problem(file.name, f"unknown keys {', '.join(extra)}"))
        for kind, entries in (read.get("resources") or {}).items():
            for key, entry in (entries or {}).items():
                if (kind, key) in origins:
                    problems.append(Problem(file.name, f"{kind}.{key} stands in {origins[kind, key].name} too"))
                origins[kind, key] = file
                resources.setdefault(kind, {})[key] = entry
    return Bundle(root, tree | {"resources": resources}, origins, problems)


def _included(root: Path, tree: Mapping[str, Any], problems: list[Problem]) -> list[Path]:
    found = []
    for pattern in tree.get("include") or ():
        files = sorted(root.glob(pattern))
        if not files:
            problems.append(Problem(FILE, f"include {pattern!r} finds no file"))
        found += files
    return found


def _read(file: Path, root: Path, problems: list[Problem]) -> dict[str, Any]:
    name = str(file.relative_to(root))
    try:
        read = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506  a SafeLoader that refuses more
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(Problem(name, f"not valid YAML: {' '.join(str(error).split())}"))
        return {}
    if isinstance(read, dict):
        return read
    problems.append(Problem(name, "holds no mapping"))
    return {}


def merge(base: object, over: object, name: str = "") -> object:
    """Lay a target's values over common ones: mappings key by key, tasks by their key, everything else whole."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {key: merge(base.get(key), value, key) for key, value in over.items()}
    if name in KEYED and isinstance(base, list) and isinstance(over, list):
        key = KEYED[name]
        mine = {entry.get(key): entry for entry in base} | {
            entry.get(key): merge(next((b for b in base if b.get(key) == entry.get(key)), {}), entry) for entry in over
        }
        return list(mine.values())
    return over
