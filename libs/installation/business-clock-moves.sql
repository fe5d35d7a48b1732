-- What moved the clock under which Idempotency-Key, so that a request which is sent again moves it once.
CREATE TABLE business_clock_moves (
  -- Hex: hashes of the key with its scope, and of the request.
  key       text PRIMARY KEY COLLATE "C",
  request   text NOT NULL COLLATE "C",
  -- How far ahead it was afterwards, and what time that made it: milliseconds.
  offset_ms bigint NOT NULL,
  now_ms    bigint NOT NULL
);
REVOKE ALL ON business_clock_moves FROM daybook_projector;
GRANT SELECT, INSERT ON business_clock_moves TO daybook_engine;
