-- Marks what is personal or secret, so that searches and audits of Unity Catalog find it.
ALTER TABLE silver.llm_interaction_content SET TAGS ('sensitivity' = 'content');

ALTER TABLE silver.llm_interactions ALTER COLUMN user_id SET TAGS ('pii' = 'pseudonym');

ALTER TABLE silver.llm_interactions ALTER COLUMN end_user_id SET TAGS ('pii' = 'pseudonym');
