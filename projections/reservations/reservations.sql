CREATE TABLE reservations (
  tenant_id      text NOT NULL COLLATE "C",
  reservation_id text NOT NULL COLLATE "C",
  account_id     text NOT NULL COLLATE "C",
  status         text NOT NULL COLLATE "C",
  reference      text COLLATE "C",
  resource       text NOT NULL,
  PRIMARY KEY (tenant_id, reservation_id)
) WITH (fillfactor = 80);
CREATE INDEX reservations_by_account ON reservations (tenant_id, account_id, reservation_id);
CREATE INDEX reservations_by_reference ON reservations (tenant_id, reference) WHERE reference IS NOT NULL;
SELECT daybook.tenant_table('reservations');
