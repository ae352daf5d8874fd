-- Prompts and answers are shown to members of one group; users are pseudonyms to everybody else than engineers.
CREATE OR REPLACE FUNCTION silver.mask_content (content STRING)
RETURNS STRING
COMMENT 'The text for members of llm-observatory-content, else null'
RETURN CASE WHEN IS_ACCOUNT_GROUP_MEMBER('llm-observatory-content') THEN content END;

CREATE OR REPLACE FUNCTION silver.mask_user (user_name STRING)
RETURNS STRING
COMMENT 'The user for members of llm-observatory-engineers, else a hash of it'
RETURN CASE
  WHEN IS_ACCOUNT_GROUP_MEMBER('llm-observatory-engineers') THEN user_name
  ELSE SHA2(user_name, 256)
END;

ALTER TABLE silver.llm_interaction_content ALTER COLUMN input_messages SET MASK silver.mask_content;

ALTER TABLE silver.llm_interaction_content ALTER COLUMN output_messages SET MASK silver.mask_content;

ALTER TABLE silver.llm_interactions ALTER COLUMN user_id SET MASK silver.mask_user;

ALTER TABLE silver.llm_interactions ALTER COLUMN end_user_id SET MASK silver.mask_user;
