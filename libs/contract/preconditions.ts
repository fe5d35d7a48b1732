import type { OperationName } from './operations.js';

/** Operations that take `If-Match`, and whose answers have an `ETag`: those that change one resource. */
const CONDITIONAL: ReadonlySet<OperationName> = new Set<OperationName>([
  'updateTenant',
  'changeTenantStatus',
  'updateAccount',
  'blockAccount',
  'unblockAccount',
  'closeAccount',
  'blockTenantAccount',
  'unblockTenantAccount',
  'closeTenantAccount',
  'updateCustomer',
  'updateCard',
  'updateUser',
  'updateApiKey',
  'deleteApiKey',
  'updateWebhookEndpoint',
  'deleteWebhookEndpoint',
  'updateTenantWebhookEndpoint',
  'deleteTenantWebhookEndpoint',
  'pinApiVersion',
  'replaceFees',
  'replaceLimits',
  'updateEntitlements',
  'updateFinanceSettings',
  'updateTenantFinanceSettings',
]);

/** Reads of what is not named by an id, and has an `ETag` like what is. */
const TAGGED: ReadonlySet<OperationName> = new Set<OperationName>([
  'getTenant',
  'getFees',
  'getLimits',
  'getEntitlements',
  'getFinanceSettings',
  'getTenantFinanceSettings',
]);

export const isTaggedRead = (name: OperationName): boolean => TAGGED.has(name);

export const isConditional = (name: OperationName): boolean => CONDITIONAL.has(name);

/** By the time (ms since 1970) at which a resource was last changed; balances and inherited blocks are no change of it. */
export const entityTag = (changedAt: number): string => `"${changedAt.toString(36)}"`;

const TAG = /^(?:W\/)?"[\x21\x23-\x7e]*"$/;
const OURS = /^"([0-9a-z]{1,11})"$/;

/**
 * The times that `If-Match` names: null for `*`, which any resource meets that is there; undefined for what is no list of
 * tags. A weak tag, or one that was never given out, is none of them (RFC 9110, 13.1.1).
 */
export const timesIn = (header: string): readonly number[] | null | undefined => {
  if (header.trim() === '*') return null;
  const tags = header.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => TAG.test(tag))) return undefined;
  return tags.map((tag) => parseInt(OURS.exec(tag)?.[1] ?? '', 36)).filter((at) => !Number.isNaN(at));
};
