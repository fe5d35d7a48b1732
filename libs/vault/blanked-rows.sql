-- When what was rendered of an erased subject was blanked; null: not yet.
ALTER TABLE subject_keys ADD COLUMN rows_blanked_at timestamptz;
GRANT UPDATE (rows_blanked_at) ON subject_keys TO daybook_engine;
