import type { Call } from '#platform/http/call.js';
import type { Reading } from '../reading.js';
import type { Collection, Resource } from '../reads.js';

/** `/v1/cards/{card_id}`: the collection and the parameter that names one of it. */
const PATH = /^\/v1\/([a-z_]+)\/\{(\w+)\}$/;

/**
 * The resource that a call is about to change, newest version, as its caller last saw it; null where there is none. What an
 * older version asks for may have to be merged with it.
 */
export const currentOf = async (reading: Reading, call: Call): Promise<Resource | null> => {
  const [, collection, parameter] = PATH.exec(call.operation?.path ?? '') ?? [];
  if (collection === undefined || parameter === undefined) {
    throw new TypeError(`${call.operationName} changes what can’t be read by its path`);
  }
  const { tenantId } = call.tenant;
  const id = call.param(parameter);
  await reading.await(call, tenantId, id);
  return (await reading.reads.one(tenantId, collection as Collection, id)).resource;
};
