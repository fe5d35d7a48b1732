-- How far a runner has read the store. `commits` counts its transactions: who finds another number than it remembers has
-- lost the lead.
CREATE TABLE projection_checkpoints (
  name       text        NOT NULL PRIMARY KEY COLLATE "C",
  position   text        COLLATE "C",
  commits    bigint      NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Revision of each tenant's stream that its read models stand at, for each group of projections. Written with the rows.
CREATE TABLE tenant_progress (
  tenant_id        text        NOT NULL COLLATE "C",
  projection_group text        NOT NULL COLLATE "C",
  revision         bigint      NOT NULL,
  at               timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, projection_group)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
SELECT daybook.tenant_table('tenant_progress', '{daybook_engine}');

-- Tenants whose next event could not be projected. Nothing of theirs is skipped: they are tried again from their progress
-- when somebody asks for it (retry), and whenever a runner starts.
CREATE TABLE parked_tenants (
  tenant_id        text        NOT NULL COLLATE "C",
  projection_group text        NOT NULL COLLATE "C",
  revision         bigint      NOT NULL,
  event_id         text        NOT NULL COLLATE "C",
  event_type       text        NOT NULL COLLATE "C",
  reason           text        NOT NULL,
  retry            boolean     NOT NULL DEFAULT false,
  parked_at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, projection_group)
);
SELECT daybook.tenant_table('parked_tenants', '{daybook_engine}');

-- Which version of a projection its tables were built by.
CREATE TABLE built_projections (
  name     text        NOT NULL PRIMARY KEY COLLATE "C",
  version  int         NOT NULL,
  built_at timestamptz NOT NULL DEFAULT now()
);
