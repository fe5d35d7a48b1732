-- The engine's snapshots of tenants' states, in parts. Made from streams, dropped at any time, never migrated.
CREATE TABLE snapshots (
  tenant_id    text        NOT NULL COLLATE "C",
  fold_version int         NOT NULL,
  revision     bigint      NOT NULL,
  part         int         NOT NULL,
  -- Of the event at this revision.
  hash         bytea       NOT NULL,
  bytes        bytea       NOT NULL,
  saved_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, fold_version, revision, part)
);
-- They come compressed, or are not worth it.
ALTER TABLE snapshots ALTER COLUMN bytes SET STORAGE EXTERNAL;
SELECT daybook.tenant_table('snapshots', '{daybook_engine}');
GRANT INSERT, DELETE ON snapshots TO daybook_engine;
CREATE POLICY engine_saves ON snapshots FOR INSERT TO daybook_engine WITH CHECK (true);
CREATE POLICY engine_drops ON snapshots FOR DELETE TO daybook_engine USING (true);
REVOKE ALL ON snapshots FROM daybook_app;
