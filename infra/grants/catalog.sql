-- Once per target, by an administrator of the metastore: the catalog, and who may use it. Storage credential and
-- external location come first, by the commands in docs/DEPLOYMENT.md. Put your target, storage account and application
-- id in the places of prod, STORAGE_ACCOUNT and service-principal.
CREATE CATALOG IF NOT EXISTS llm_observatory_prod
MANAGED LOCATION 'abfss://lakehouse@STORAGE_ACCOUNT.dfs.core.windows.net/catalog'
COMMENT 'LLM traffic: how models perform, what they cost, what breaks';

GRANT USE CATALOG, CREATE SCHEMA ON CATALOG llm_observatory_prod TO `service-principal`;

GRANT USE CATALOG ON CATALOG llm_observatory_prod TO `llm-observatory-engineers`;

GRANT USE CATALOG ON CATALOG llm_observatory_prod TO `llm-observatory-readers`;
