-- Keys under which personal data in events is sealed. No rebuild touches these tables and no export holds them. A key of
-- these tables opens nothing without the master key, which stands in no database.

-- The key of a tenant, wrapped by the master key. A further generation is a rotation: rows of subject_keys name the one
-- they are wrapped by, so they can be moved to it little by little.
CREATE TABLE tenant_keys (
  tenant_id     text        NOT NULL COLLATE "C",
  generation    int         NOT NULL,
  wrapped       bytea       NOT NULL,
  master_key_id text        NOT NULL COLLATE "C",
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, generation)
);

-- The key of a subject, wrapped by its tenant's. Without one: erased, for good; the row stays, so that no key is made for
-- that subject again.
CREATE TABLE subject_keys (
  tenant_id  text        NOT NULL COLLATE "C",
  subject    text        NOT NULL COLLATE "C",
  generation int,
  wrapped    bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  erased_at  timestamptz,
  PRIMARY KEY (tenant_id, subject),
  FOREIGN KEY (tenant_id, generation) REFERENCES tenant_keys,
  CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL)),
  CHECK ((wrapped IS NULL) = (generation IS NULL))
);
-- What the instances look through about once a second, to forget what another has erased.
CREATE INDEX subject_keys_erased ON subject_keys (erased_at) WHERE erased_at IS NOT NULL;

-- Only the engine makes and drops keys, and the projector reads them. The role that serves tenants' queries has no right to
-- either table: it never needs a key, and rows are rendered by the other two.
REVOKE ALL ON tenant_keys, subject_keys FROM daybook_projector;
ALTER TABLE tenant_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE subject_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON tenant_keys TO daybook_engine USING (true) WITH CHECK (true);
CREATE POLICY engine ON subject_keys TO daybook_engine USING (true) WITH CHECK (true);
CREATE POLICY projector ON tenant_keys FOR SELECT TO daybook_projector USING (true);
CREATE POLICY projector ON subject_keys FOR SELECT TO daybook_projector USING (true);
GRANT SELECT, INSERT, UPDATE (wrapped, master_key_id) ON tenant_keys TO daybook_engine;
GRANT SELECT, INSERT, UPDATE (generation, wrapped, erased_at) ON subject_keys TO daybook_engine;
GRANT SELECT ON tenant_keys, subject_keys TO daybook_projector;
