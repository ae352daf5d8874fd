"""Resolves variables and references of a bundle for one target, as the vendor's tool does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jobs.bundle.load import Bundle, Problem, merge
from lakehouse.errors import ConfigurationError

REFERENCE = re.compile(r"\$\{([^${}]+)\}")
# What a resource has only once it is deployed.
GENERATED = {
    "jobs": {"id"}, "sql_warehouses": {"id"}, "experiments": {"id"}, "alerts": {"id"}, "schemas": {"id"},
    "volumes": {"id", "volume_path"}, "apps": {"id", "url"}, "dashboards": {"id"},
}  # fmt: skip
USER = {"userName": "deployer@example.com", "short_name": "deployer", "domain_friendly_name": "example_com"}
TARGET_KEYS = {"default", "mode", "variables", "workspace", "resources", "presets", "permissions"}
MODES = {"development", "production"}


@dataclass(frozen=True)
class Resolved:
    """A bundle for one target; `missing` are variables without a value, `user` is who deploys."""

    bundle: Bundle
    target: str
    variables: dict[str, Any]
    resources: dict[str, dict[str, dict[str, Any]]]
    missing: tuple[str, ...]
    problems: list[Problem]


@dataclass
class _Scope:
    bundle: Bundle
    target: str
    values: dict[str, Any]
    resources: dict[str, Any]
    workspace: dict[str, Any]
    problems: list[Problem]
    missing: set[str] = field(default_factory=set)


def resolve(
    bundle: Bundle, target: str, given: Mapping[str, str] | None = None, user: Mapping[str, str] | None = None
) -> Resolved:
    """Resolve a target.

    Args:
        bundle: As loaded.
        target: Its name.
        given: Values of variables from outside, which come first.
        user: Who deploys: `userName`, `short_name`; an example by default.

    Raises:
        ConfigurationError: There is no such target.
    """
    if target not in bundle.targets:
        raise ConfigurationError(f"no target {target!r} in databricks.yml; there are {', '.join(bundle.targets)}")
    chosen, problems = bundle.tree["targets"][target] or {}, list(bundle.problems)
    problems += [Problem(f"targets.{target}", f"unknown key {key!r}") for key in sorted(set(chosen) - TARGET_KEYS)]
    if chosen.get("mode", "production") not in MODES:
        problems.append(Problem(f"targets.{target}", f"mode {chosen['mode']!r} is none of {', '.join(sorted(MODES))}"))
    scope = _scope(bundle, target, problems, dict(given or {}))
    scope.workspace["current_user"] = dict(user or USER)
    resources = _fill(scope, scope.resources, "resources", ())
    used = set(re.findall(r"\$\{var\.(\w+)", str(bundle.tree)))
    problems += [Problem("variables", f"{name} is used nowhere") for name in sorted(set(scope.values) - used)]
    values = {name: _fill(scope, value, f"variables.{name}", ()) for name, value in scope.values.items()}
    return Resolved(bundle, target, values, resources, tuple(sorted(scope.missing)), problems)


def _scope(bundle: Bundle, target: str, problems: list[Problem], given: dict[str, str]) -> _Scope:
    tree, chosen = bundle.tree, bundle.tree["targets"][target] or {}
    declared = tree.get("variables") or {}
    overlay = {name: _value(value) for name, value in (chosen.get("variables") or {}).items()}
    for name in sorted({*overlay, *given} - set(declared)):
        problems.append(Problem(f"targets.{target}", f"variable {name} is not declared"))
    defaults = {name: entry["default"] for name, entry in declared.items() if entry and "default" in entry}
    root = "/Workspace/Users/${workspace.current_user.userName}/.bundle/${bundle.name}/${bundle.target}"
    places = {"root_path": root, "file_path": "${workspace.root_path}/files"}
    workspace = merge(merge(places, tree.get("workspace") or {}), chosen.get("workspace") or {})
    resources = merge(tree["resources"], chosen.get("resources") or {})
    values: dict[str, Any] = dict.fromkeys(declared) | defaults | overlay | given
    return _Scope(bundle, target, values, resources, workspace, problems)


def _value(given: object) -> object:
    return given["default"] if isinstance(given, dict) and "default" in given else given


def _fill(scope: _Scope, value: object, where: str, through: tuple[str, ...]) -> object:
    """Replace every reference within a value; `through` are those being followed, to notice a circle."""
    if isinstance(value, dict):
        return {key: _fill(scope, entry, f"{where}.{key}", through) for key, entry in value.items()}
    if isinstance(value, list):
        return [_fill(scope, entry, f"{where}[{number}]", through) for number, entry in enumerate(value)]
    if not isinstance(value, str):
        return value
    if whole := REFERENCE.fullmatch(value):  # may be a mapping or a number
        return _follow(scope, whole[1], where, through)
    return REFERENCE.sub(lambda found: str(_follow(scope, found[1], where, through)), value)


def _follow(scope: _Scope, name: str, where: str, through: tuple[str, ...]) -> object:
    if name in through:
        scope.problems.append(Problem(where, f"${{{name}}} refers to itself through {' → '.join(through)}"))
        return name
    found, value = _look_up(scope, name)
    if found:
        return _fill(scope, value, where, (*through, name))
    scope.problems.append(Problem(where, f"${{{name}}} refers to nothing"))
    return name


def _look_up(scope: _Scope, name: str) -> tuple[bool, object]:
    """Find what a reference names; whether it is there, and its value."""
    first, *path = name.split(".")
    if first == "var" and path and path[0] in scope.values:
        if scope.values[path[0]] is None:
            scope.missing.add(path[0])
            return True, f"<{path[0]}>"
        return _within(scope.values[path[0]], path[1:])
    if first == "resources" and len(path) == 3:
        kind, key, attribute = path
        entry = scope.resources.get(kind, {}).get(key)
        if entry is not None and attribute not in entry and attribute in GENERATED.get(kind, ()):
            return True, f"<{name}>"
        return _within(scope.resources, path)
    if first == "bundle":
        return _within({"name": scope.bundle.tree["bundle"]["name"], "target": scope.target}, path)
    return _within(scope.workspace, path) if first == "workspace" else (False, None)


def _within(value: object, path: list[str]) -> tuple[bool, object]:
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return False, None
        value = value[part]
    return True, value
