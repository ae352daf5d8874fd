"""Compares resources with the vendor's own dataclasses: what does not survive the round trip is a mistake."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from databricks.sdk.service import apps, catalog, dashboards, iam, jobs, ml, sql, workspace

from jobs.bundle.load import Problem
from jobs.bundle.resolve import Resolved

SHAPES: dict[str, type[Any]] = {
    "jobs": jobs.JobSettings,
    "schemas": catalog.SchemaInfo,
    "volumes": catalog.VolumeInfo,
    "sql_warehouses": sql.GetWarehouseResponse,
    "experiments": ml.Experiment,
    "secret_scopes": workspace.SecretScope,
    "alerts": sql.AlertV2,
    "apps": apps.App,
    "dashboards": dashboards.Dashboard,
}
# Where the dataclass also has what only a workspace fills in, the call that creates one says what may be given.
CREATED_BY = {
    "schemas": catalog.SchemasAPI.create,
    "volumes": catalog.VolumesAPI.create,
    "sql_warehouses": sql.WarehousesAPI.create,
    "experiments": ml.ExperimentsAPI.create_experiment,
}
REQUIRED = {
    "jobs": ("name", "tasks"),
    "schemas": ("name", "catalog_name"),
    "volumes": ("name", "catalog_name", "schema_name", "volume_type"),
    "alerts": ("display_name", "query_text", "warehouse_id", "evaluation", "schedule"),
    "apps": ("name", "source_code_path"),
    "dashboards": ("display_name", "file_path", "warehouse_id"),
}
# Keys of the bundle that the resource's own dataclass does not have.
EXTRA = {
    "alerts": {"file_path"},
    "apps": {"config"},
    "dashboards": {"file_path", "embed_credentials", "dataset_catalog", "dataset_schema"},
}
COMMON = {"permissions", "grants", "lifecycle"}


def check_shapes(resolved: Resolved) -> Iterator[Problem]:
    """Yield unknown kinds, missing and unknown keys, bad enums, wrong types, bad grants and permissions."""
    for kind, entries in resolved.resources.items():
        for key, entry in entries.items():
            where = f"{kind}.{key}"
            if kind not in SHAPES:
                yield Problem(where, f"unknown kind of resource {kind!r}")
                continue
            yield from (
                Problem(where, f"lacks {name!r}") for name in REQUIRED.get(kind, ("name",)) if name not in entry
            )
            plain = {n: v for n, v in entry.items() if n not in EXTRA.get(kind, set()) | COMMON}
            if kind in CREATED_BY:
                may = set(inspect.signature(CREATED_BY[kind]).parameters)
                yield from (Problem(f"{where}.{name}", "unknown key; nothing takes it") for name in set(plain) - may)
                plain = {name: value for name, value in plain.items() if name in may}
            yield from survives(SHAPES[kind], plain, where)
            yield from _check_access(entry, where)


def survives(shape: type[Any], given: dict[str, Any], where: str) -> Iterator[Problem]:
    """Yield what the dataclass drops, changes or holds in another type."""
    hints = typing.get_type_hints(shape)
    known = {field.name for field in fields(shape)}
    for name, value in given.items():
        place = f"{where}.{name}"
        if name not in known:
            yield Problem(place, f"unknown key; {shape.__name__} has none of that name")
        else:
            yield from _check_value(hints[name], value, place)


def _check_value(hint: object, value: object, where: str) -> Iterator[Problem]:
    kind, inner = _unwrapped(hint)
    if kind is list and isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _check_value(inner, entry, f"{where}[{number}]")
    elif kind is dict and isinstance(value, dict):
        for key, entry in value.items():
            yield from _check_value(inner, entry, f"{where}.{key}")
    elif is_dataclass(kind) and isinstance(value, dict):
        yield from survives(typing.cast(type, kind), value, where)
    elif isinstance(kind, type) and issubclass(kind, Enum):
        if value not in (values := [member.value for member in kind]):
            yield Problem(where, f"{value!r} is none of {', '.join(map(str, values))}")
    elif kind is not Any and not _is(kind, value):
        yield Problem(where, f"{value!r} is no {getattr(kind, '__name__', kind)}")


def _is(kind: type, value: object) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _unwrapped(hint: object) -> tuple[object, object]:
    """Take Optional off; give the plain type and, of a list or mapping, that of its entries."""
    arguments = [argument for argument in typing.get_args(hint) if argument is not type(None)]
    if typing.get_origin(hint) is typing.Union:
        return _unwrapped(arguments[0])
    origin = typing.get_origin(hint) or hint
    return origin, arguments[-1] if arguments else Any


def _check_access(entry: dict[str, Any], where: str) -> Iterator[Problem]:
    for number, grant in enumerate(entry.get("grants") or ()):
        yield from survives(catalog.PrivilegeAssignment, grant, f"{where}.grants[{number}]")
    for number, permission in enumerate(entry.get("permissions") or ()):
        plain = {("permission_level" if name == "level" else name): value for name, value in permission.items()}
        yield from survives(iam.AccessControlRequest, plain, f"{where}.permissions[{number}]")
