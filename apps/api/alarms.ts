import type { Logger } from 'pino';
import type { Alarm } from '#engine/tenant-writer.js';

const SENTENCES: Readonly<Record<Alarm['kind'], string>> = {
  tenant_parked: 'a tenant is parked: it can be read, not written',
  trouble: "a tenant's commands can't be written now",
};

/** A store that is down is every tenant's trouble: of the same one there is a line in so many milliseconds. */
const SAME_TROUBLE_MS = 5_000;

/** What was thrown or answered, as something that the log can show with its own causes. */
export const asError = (cause: unknown): Error => {
  if (cause instanceof Error) return cause;
  return new Error(typeof cause === 'string' ? cause : (JSON.stringify(cause) ?? 'no cause was given'));
};

/** Tells the log what an operator must hear of: a sentence that ends in the cause, and the cause with its own. */
export const alarmsTo = (logger: Logger, now: () => number = () => performance.now()): ((alarm: Alarm) => void) => {
  const told = new Map<string, number>();
  return ({ kind, tenantId, cause }) => {
    const err = asError(cause);
    if (kind === 'trouble') {
      const at = now();
      for (const [text, when] of told) if (at - when >= SAME_TROUBLE_MS) told.delete(text);
      if (told.has(err.message)) return;
      told.set(err.message, at);
    }
    logger.error({ err, tenant_id: tenantId, kind }, `${SENTENCES[kind]}: ${err.message}`);
  };
};
