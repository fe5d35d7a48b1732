/**
 * For connections whose statements find their rows by key. A planner that has no statistics yet, or those of a small table,
 * would rather read the table, each time and more slowly with every day.
 */
export const BY_KEY_SETTINGS = [
  'enable_seqscan = off',
  'enable_hashjoin = off',
  'enable_mergejoin = off',
  'plan_cache_mode = force_generic_plan',
] as const;

/** How the connection that writes read models is set. */
export const WRITER_SETTINGS = [
  // Read models can be made again from the stream, and a checkpoint never outlives its rows: a commit that a crash of the
  // server takes back is simply done again, so it need not wait for the disk.
  'synchronous_commit = off',
  ...BY_KEY_SETTINGS,
] as const;
