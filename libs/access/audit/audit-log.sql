-- Who was refused what, what operators read, and who signed in: what the stream of events does not tell (DECISIONS 40). One
-- chain for each tenant: hash = SHA-256(previous entry's hash ‖ entry). Made from no event, so no rebuild touches it.
CREATE TABLE audit_log (
  tenant_id   text        NOT NULL COLLATE "C",
  -- `aud_` and a ULID of the time of the call.
  audit_id    text        NOT NULL COLLATE "C",
  -- Gapless from 1.
  sequence    bigint      NOT NULL,
  -- Canonical JSON: what is hashed. The columns below only repeat what is looked for.
  entry       text        NOT NULL,
  hash        bytea       NOT NULL CHECK (octet_length(hash) = 32),
  actor       text        NOT NULL COLLATE "C",
  outcome     text        NOT NULL COLLATE "C",
  status      smallint    NOT NULL,
  count       integer     NOT NULL,
  operation   text        COLLATE "C",
  request_id  text        COLLATE "C",
  resource_id text        COLLATE "C",
  PRIMARY KEY (tenant_id, audit_id)
);
CREATE UNIQUE INDEX audit_log_sequence ON audit_log (tenant_id, sequence);
CREATE INDEX audit_log_actor ON audit_log (tenant_id, actor, audit_id);

-- Where each chain stands: what is missing at its end is missed too.
CREATE TABLE audit_heads (
  tenant_id text   PRIMARY KEY COLLATE "C",
  sequence  bigint NOT NULL,
  hash      bytea  NOT NULL CHECK (octet_length(hash) = 32)
);

SELECT daybook.tenant_table('audit_log');
SELECT daybook.tenant_table('audit_heads');
-- The application adds to its tenant's chain, and nobody changes what stands in it: not by a right, and not by mistake.
REVOKE ALL ON audit_log, audit_heads FROM daybook_projector;
GRANT INSERT ON audit_log TO daybook_app;
GRANT INSERT, UPDATE ON audit_heads TO daybook_app;
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME; END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log EXECUTE FUNCTION refuse_change();
