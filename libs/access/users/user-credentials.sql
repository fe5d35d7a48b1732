-- How tenants' users sign in. That a user exists, their role and status are events; the rows follow them (`revision`). Who
-- they are stands in no table here: an address is known by an HMAC under a key that is in no database.
CREATE TABLE user_credentials (
  tenant_id       text        NOT NULL COLLATE "C",
  user_id         text        NOT NULL COLLATE "C",
  -- Null once the user is revoked: the address may be invited again.
  address         bytea       CHECK (octet_length(address) = 32),
  -- The tenant stream's revision that role and status are true at; null: reserved, its event is not known to exist.
  revision        bigint,
  role            text        NOT NULL DEFAULT 'member',
  status          text        NOT NULL DEFAULT 'invited',
  -- The last invitation, and its token's argon2id hash; null once the user is revoked.
  invitation_id   text        COLLATE "C",
  invitation_hash text,
  last_login_at   timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_id)
);
CREATE UNIQUE INDEX user_credentials_member ON user_credentials (tenant_id, address);
CREATE INDEX user_credentials_address ON user_credentials (address);
CREATE UNIQUE INDEX user_credentials_invitation ON user_credentials (invitation_id);

-- One password for an address, wherever it is a user: who proves the address sets it.
CREATE TABLE sign_in_passwords (
  address    bytea       PRIMARY KEY CHECK (octet_length(address) = 32),
  hash       text        NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);

-- Links that were mailed instead of a password: each opens once, for a quarter of an hour.
CREATE TABLE sign_in_links (
  link_id    text        PRIMARY KEY COLLATE "C",
  address    bytea       NOT NULL CHECK (octet_length(address) = 32),
  verifier   bytea       NOT NULL CHECK (octet_length(verifier) = 32),
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_links_expiry ON sign_in_links (expires_at);

-- A family of refresh tokens. Only the one of this generation is good; an older one that comes again ends the family.
CREATE TABLE sessions (
  tenant_id   text        NOT NULL COLLATE "C",
  session_id  text        NOT NULL COLLATE "C",
  user_id     text        NOT NULL COLLATE "C",
  generation  integer     NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  renewed_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  ended_at    timestamptz,
  PRIMARY KEY (tenant_id, session_id)
);
CREATE UNIQUE INDEX sessions_session ON sessions (session_id);
CREATE INDEX sessions_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Nobody but the guard sees any of it; the role that serves a tenant's queries sees when its users last signed in.
REVOKE ALL ON user_credentials, sign_in_passwords, sign_in_links, sessions FROM daybook_projector;
ALTER TABLE user_credentials ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY auth ON user_credentials TO daybook_auth USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON user_credentials FOR SELECT TO daybook_app
  USING (tenant_id = current_setting('daybook.tenant', true));
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY auth ON sessions TO daybook_auth USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON user_credentials, sign_in_passwords, sign_in_links, sessions TO daybook_auth;
GRANT SELECT (tenant_id, user_id, last_login_at) ON user_credentials TO daybook_app;
