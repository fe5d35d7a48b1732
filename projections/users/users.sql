-- Who works with a tenant's books, and as what. How they sign in is in tables that no rebuild touches.
CREATE TABLE users (
  tenant_id text NOT NULL COLLATE "C",
  user_id   text NOT NULL COLLATE "C",
  role      text NOT NULL COLLATE "C",
  status    text NOT NULL COLLATE "C",
  resource  text NOT NULL,
  PRIMARY KEY (tenant_id, user_id)
);
SELECT daybook.tenant_table('users');
