-- Which event store the read models of this database were made from. One row.
CREATE TABLE event_store_kind (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  kind     text NOT NULL
);
REVOKE ALL ON event_store_kind FROM daybook_projector;
GRANT SELECT ON event_store_kind TO daybook_engine;
