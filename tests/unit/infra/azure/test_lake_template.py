"""The template of the lake: its form, names within Azure's rules, no secret, no archive for what Delta reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.azure import azure_commands
from tests.support.cli import in_process
from tests.support.repository import ROOT, files

TEMPLATE: dict[str, Any] = json.loads((ROOT / "infra/azure/lake.json").read_text())
KEYS = {"$schema", "contentVersion", "metadata", "parameters", "variables", "resources", "outputs"}
RESOURCE = {
    "type", "apiVersion", "name", "location", "kind", "sku", "identity", "scope", "properties", "dependsOn",
}  # fmt: skip
# Azure's rules for names, learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules.
NAMES = {
    "Microsoft.Storage/storageAccounts": r"[a-z0-9]{3,24}",
    "Microsoft.KeyVault/vaults": r"[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]",
    "Microsoft.Databricks/accessConnectors": r"[A-Za-z0-9_-]{3,64}",
    "Microsoft.Storage/storageAccounts/blobServices/containers": r"[a-z0-9]+/default/[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
}
# Storage Blob Data Contributor and Key Vault Secrets User: learn.microsoft.com, Azure built-in roles.
ROLES = {"ba92f5b4-2d11-453d-a403-e96b0029c9fe", "4633458b-17de-408a-b874-0445c86b69e6"}


def strings(value: object) -> Iterator[str]:
    """Every text within."""
    if isinstance(value, dict):
        for entry in value.values():
            yield from strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from strings(entry)
    elif isinstance(value, str):
        yield value


def filled(text: str, target: str) -> str:
    """A name's expression, worked out: `uniqueString` gives 13 characters."""
    text = text.strip("[]")
    for name, value in TEMPLATE["variables"].items():
        text = text.replace(f"variables('{name}')", value.strip("[]"))
    text = text.replace("parameters('target')", target).replace("uniqueString(resourceGroup().id)", "abcdefghijklm")
    while found := re.search(r"format\('([^']*)', ([^()]*)\)", text):
        text = text.replace(found[0], found[1].format(*found[2].split(", ")))
    return text


def test_it_has_the_form_of_a_template() -> None:
    """Known keys, a type, version and name for each resource, a description for each parameter."""
    assert set(TEMPLATE) == KEYS
    assert TEMPLATE["$schema"].endswith("/2019-04-01/deploymentTemplate.json#")
    for resource in TEMPLATE["resources"]:
        assert set(resource) <= RESOURCE
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", resource["apiVersion"])
    assert all(p["metadata"]["description"] for p in TEMPLATE["parameters"].values())


def test_parameters_variables_and_dependencies_resolve() -> None:
    """Each that is used is declared, and the other way round; nothing depends on what is not there."""
    text = json.dumps(TEMPLATE)
    for kind in ("parameters", "variables"):
        assert set(re.findall(rf"{kind}\('(\w+)'\)", text)) == set(TEMPLATE[kind])
    types = {resource["type"] for resource in TEMPLATE["resources"]}
    needed = {kind for kind in re.findall(r"resourceId\('([\w./]+)'", text) if "roleDefinitions" not in kind}
    assert needed <= types
    assert all(value.count("(") == value.count(")") for value in strings(TEMPLATE) if value.startswith("["))


@pytest.mark.parametrize("target", ["dev", "staging", "prod"])
def test_names_keep_the_rules(target: str) -> None:
    """For every target, the longest as well."""
    for resource in TEMPLATE["resources"]:
        if resource["type"] in NAMES:
            name = filled(resource["name"], target)
            assert re.fullmatch(NAMES[resource["type"]], name), name


def test_no_secret_stands_in_it() -> None:
    """No key, token or password, no identifier of a subscription or tenant: only ids of built-in roles."""
    for path in files(".json", "infra"):
        text = path.read_text()
        found = set(re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text))
        assert found <= (ROLES if path.name == "lake.json" else set())
        assert not re.search(r"AccountKey=|sig=|(?i:password|secret)\"\s*:\s*\"[^\[\"]", text), path.name
        assert not re.search(r"[A-Za-z0-9+/]{60,}={0,2}\"", text), path.name


def test_the_lake_is_closed_and_hierarchical() -> None:
    """No keys, no public access, no old TLS; only the given networks."""
    [storage] = [r for r in TEMPLATE["resources"] if r["type"] == "Microsoft.Storage/storageAccounts"]
    wanted = {"isHnsEnabled": True, "allowBlobPublicAccess": False, "allowSharedKeyAccess": False,
              "minimumTlsVersion": "TLS1_2", "supportsHttpsTrafficOnly": True}  # fmt: skip
    assert wanted.items() <= storage["properties"].items()
    assert storage["properties"]["networkAcls"]["defaultAction"] == "Deny"


def test_tables_are_never_archived() -> None:
    """Delta reads every file of a version: an archived one breaks the table. Landing and backup may be."""
    [policy] = [r for r in TEMPLATE["resources"] if r["type"].endswith("/managementPolicies")]
    actions = {}
    for rule in policy["properties"]["policy"]["rules"]:
        for prefix in rule["definition"]["filters"]["prefixMatch"]:
            actions[prefix] = set(rule["definition"]["actions"]["baseBlob"])
    containers = {
        filled(r["name"], "prod").rsplit("/", 1)[1] for r in TEMPLATE["resources"] if r["type"].endswith("/containers")
    }
    assert {prefix.rstrip("/") for prefix in actions} == containers
    assert actions["lakehouse/"] == {"tierToCool", "enableAutoTierToHotFromCool"}
    assert all("tierToArchive" in actions[prefix] for prefix in ("landing/", "backup/"))


def test_the_connector_alone_may_write() -> None:
    """One role for it on the account, one for reading secrets of the vault."""
    roles = [r for r in TEMPLATE["resources"] if r["type"].endswith("/roleAssignments")]
    found = {(filled(r["scope"], "dev").split("/")[0], r["properties"]["roleDefinitionId"]) for r in roles}
    assert found == {
        ("Microsoft.Storage", "[variables('blobContributor')]"), ("Microsoft.KeyVault", "[variables('secretsUser')]")
    }  # fmt: skip


def test_commands_are_printed_where_az_is_not(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """And run, in order, where it is; what-if changes nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    result = in_process(capfd, "deploy", "--target", "dev", "--azure", "--what-if")
    assert (result.code, "AZURE_RESOURCE_GROUP and AZURE_SECRET_READER" in result.errors[0]) == (2, True)
    monkeypatch.setenv("AZURE_RESOURCE_GROUP", "rg-observatory")
    monkeypatch.setenv("AZURE_SECRET_READER_OBJECT_ID", "reader")
    result = in_process(capfd, "deploy", "--target", "dev", "--azure", "--what-if")
    assert result.code == 0
    assert "az deployment group what-if --resource-group rg-observatory" in result.err
    assert " create " not in result.err
    log = tmp_path / "log"
    (tmp_path / "az").write_text(f'#!/bin/sh\necho "$@" >> {log}\ntest "$3" = validate\n')
    (tmp_path / "az").chmod(0o755)
    result = in_process(capfd, "deploy", "--target", "dev", "--azure")
    assert (result.code, "ended with code 1" in result.errors[0]) == (2, True)
    assert [line.split()[:3] for line in log.read_text().splitlines()] == [
        ["deployment", "group", "validate"], ["deployment", "group", "create"]
    ]  # fmt: skip
    assert azure_commands("dev", "g", "r", what_if=True)[1][3] == "what-if"
