"""Everything else of the stand-in: who asks, secrets, files, Unity Catalog, and resources kept as they are given."""

from __future__ import annotations

import base64
from itertools import count

from tests.workspace.server import ApiError, Body, Request, Workspace

USER = {"id": "1", "userName": "deployer@example.com", "displayName": "Deployer", "active": True}
# Where resources are kept, by the key that names one in the path and in the answer.
COLLECTIONS = {
    "/api/2.0/lakeview/dashboards": "dashboard_id",
    "/api/2.0/alerts": "id",
    "/api/2.0/apps": "name",
    "/api/2.1/unity-catalog/catalogs": "name",
    "/api/2.1/unity-catalog/schemas": "full_name",
    "/api/2.1/unity-catalog/volumes": "full_name",
    "/api/2.1/unity-catalog/tables": "full_name",
}


def missing(what: str) -> ApiError:
    """The answer where there is nothing."""
    return ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"{what} does not exist")


class Collection:
    """Resources of one kind by their name."""

    def __init__(self, workspace: Workspace, path: str, key: str) -> None:
        self.path, self.key, self.numbers = path, key, count(1)
        self.entries: dict[str, Body] = {}
        one = f"{path}/([^/]+)"
        workspace.route("GET", path, self._list)
        workspace.route("POST", path, lambda request: self.add(request.body))
        workspace.route("GET", one, lambda request: self._one(request.args[0]))
        for method in ("PATCH", "PUT"):
            workspace.route(method, one, lambda request: self._one(request.args[0]) | self._update(request))
        workspace.route("DELETE", one, lambda request: self.entries.pop(self._one(request.args[0])[self.key]) and {})

    def add(self, body: Body) -> Body:
        """Keep a resource; a name that is taken is a conflict."""
        parts = [str(body[name]) for name in ("catalog_name", "schema_name", "name") if name in body]
        name = ".".join(parts) if self.key.endswith("name") else f"{self.key}{next(self.numbers)}"
        if name in self.entries:
            raise ApiError(409, "RESOURCE_ALREADY_EXISTS", f"{name} exists")
        self.entries[name] = body | {self.key: name}
        return self.entries[name]

    def _one(self, name: str) -> Body:
        if name not in self.entries:
            raise missing(name)
        return self.entries[name]

    def _update(self, request: Request) -> Body:
        self.entries[request.args[0]].update(request.body)
        return self.entries[request.args[0]]

    def _list(self, request: Request) -> Body:
        wanted = {name: request.query[name] for name in ("catalog_name", "schema_name") if name in request.query}
        found = [entry for entry in self.entries.values() if wanted.items() <= entry.items()]
        return {self.path.rsplit("/", 1)[1]: found}


class Secrets:
    """Secrets by scope and key."""

    def __init__(self, workspace: Workspace) -> None:
        self.scopes: dict[str, dict[str, str]] = {}
        api = "/api/2.0/secrets"
        workspace.route("GET", f"{api}/scopes/list", lambda request: {"scopes": [{"name": n} for n in self.scopes]})
        workspace.route("POST", f"{api}/scopes/create", lambda r: self.scopes.setdefault(r.body["scope"], {}) and {})
        workspace.route(
            "GET", f"{api}/list", lambda r: {"secrets": [{"key": k} for k in self._scope(r.query["scope"])]}
        )
        workspace.route("GET", f"{api}/get", self._get)
        workspace.route("POST", f"{api}/put", self._put)

    def _scope(self, name: str) -> dict[str, str]:
        if name not in self.scopes:
            raise missing(f"scope {name}")
        return self.scopes[name]

    def _get(self, request: Request) -> Body:
        scope, key = self._scope(request.query["scope"]), request.query["key"]
        if key not in scope:
            raise missing(f"secret {key}")
        return {"key": key, "value": base64.b64encode(scope[key].encode()).decode()}

    def _put(self, request: Request) -> Body:
        self._scope(request.body["scope"])[request.body["key"]] = request.body["string_value"]
        return {}


class Files:
    """Files of volumes and of the workspace, by path."""

    def __init__(self, workspace: Workspace) -> None:
        self.files: dict[str, bytes] = {}
        self.folders = {"/", "/Workspace"}
        for kind in ("/api/2.0/fs/files(/.+)", "/api/2.0/workspace-files/import-file(/.+)"):
            for method in ("PUT", "POST"):
                workspace.route(method, kind, self._put)
        workspace.route("GET", "/api/2.0/fs/files(/.+)", lambda request: self._get(request.args[0]))
        workspace.route("HEAD", "/api/2.0/fs/files(/.+)", lambda request: self._get(request.args[0]))
        workspace.route("GET", "/api/2.0/workspace/export", lambda request: self._get(request.query["path"]))
        workspace.route("GET", "/api/2.0/workspace/get-status", self._status)
        workspace.route("POST", "/api/2.0/workspace/mkdirs", self._mkdirs)
        workspace.route("POST", "/api/2.0/workspace/delete", self._delete)

    def _put(self, request: Request) -> Body:
        path = request.args[0]
        if path in self.files and request.query.get("overwrite") != "true":
            raise ApiError(409, "RESOURCE_ALREADY_EXISTS", f"{path} exists")
        if path.startswith("/Workspace") and path.rsplit("/", 1)[0] not in self.folders:
            raise missing(path.rsplit("/", 1)[0])
        self.files[path] = request.raw
        return {}

    def _get(self, path: str) -> bytes:
        if path not in self.files:
            raise missing(path)
        return self.files[path]

    def _status(self, request: Request) -> Body:
        path = request.query["path"]
        if path not in self.files and path not in self.folders:
            raise missing(path)
        return {"path": path, "object_type": "FILE" if path in self.files else "DIRECTORY", "object_id": 1}

    def _mkdirs(self, request: Request) -> Body:
        parts = request.body["path"].strip("/").split("/")
        self.folders |= {"/" + "/".join(parts[: n + 1]) for n in range(len(parts))}
        return {}

    def _delete(self, request: Request) -> Body:
        path = request.body["path"]
        self.files = {name: data for name, data in self.files.items() if not f"{name}/".startswith(f"{path}/")}
        return {}


def add_the_rest(workspace: Workspace) -> None:
    """Who asks, permissions, grants, experiments, and where the vendor's tool reports to."""
    kept: dict[str, Body] = {}

    def keep(request: Request) -> Body:
        kept[request.args[0]] = request.body
        return kept[request.args[0]]

    workspace.route("GET", "/api/2.0/preview/scim/v2/Me", lambda request: dict(USER))
    workspace.route("POST", "/telemetry-ext", lambda request: {})
    for path in ("/api/2.0/permissions/(.+)", "/api/2.1/unity-catalog/permissions/(.+)"):
        workspace.route("GET", path, lambda request: kept.get(request.args[0], {}))
        for method in ("PUT", "PATCH"):
            workspace.route(method, path, keep)
    for name, answer in {"create": {"experiment_id": "1"}, "update": {}, "delete": {}}.items():
        workspace.route("POST", f"/api/2.0/mlflow/experiments/{name}", lambda request, answer=answer: answer)
    workspace.route("GET", "/api/2.0/mlflow/experiments/get", lambda request: {"experiment": {"experiment_id": "1"}})
