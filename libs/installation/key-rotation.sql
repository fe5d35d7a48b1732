-- What was made from a master key that has been replaced and can't be made anew: wrapped by the one that took its place.
CREATE TABLE carried_keys (
  purpose       text  PRIMARY KEY COLLATE "C",
  wrapped       bytea NOT NULL,
  master_key_id text  NOT NULL COLLATE "C"
);
REVOKE ALL ON carried_keys FROM daybook_projector;
GRANT SELECT ON carried_keys TO daybook_engine;

-- While one master key takes another's place: which one. Nothing may start meanwhile.
ALTER TABLE installation ADD COLUMN rotating_to text;
