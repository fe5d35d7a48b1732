-- How far business time is ahead of the time of day, in milliseconds. One row. A settable clock raises it; nothing lowers it.
CREATE TABLE business_clock (
  only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  offset_ms bigint  NOT NULL DEFAULT 0 CHECK (offset_ms >= 0)
);
INSERT INTO business_clock DEFAULT VALUES;
REVOKE ALL ON business_clock FROM daybook_projector;
GRANT SELECT, UPDATE (offset_ms) ON business_clock TO daybook_engine;
