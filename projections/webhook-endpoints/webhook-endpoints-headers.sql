-- What is sent with each delivery, as the endpoint's event sealed it: what is shown of it has no values.
ALTER TABLE webhook_endpoints ADD COLUMN headers text NOT NULL DEFAULT '[]';
