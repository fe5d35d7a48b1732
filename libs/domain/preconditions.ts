import { needs, type Command } from './commands.js';
import { standingTag } from './settings-tags.js';
import { cold, type TenantState } from './state.js';
import type { Instant } from './time.js';

/** Commands that change one resource, which is what their first need is about. */
const CHANGES: ReadonlySet<Command['type']> = new Set<Command['type']>([
  'UpdateTenant',
  'ChangeTenantStatus',
  'UpdateAccount',
  'BlockAccount',
  'UnblockAccount',
  'CloseAccount',
  'UpdateCustomer',
  'UpdateCard',
  'UpdateUser',
  'UpdateApiKey',
  'DeleteApiKey',
  'UpdateWebhookEndpoint',
  'DeleteWebhookEndpoint',
]);

/**
 * Whether the resource that a command changes was last changed at none of these times. What the ledger itself does to it (an
 * account's balance, a block that it inherits) is no change of it. A tenant's settings are told by what they say: `times` are
 * then their tags.
 */
export const isChangedSince = (command: Command, times: readonly Instant[], state: TenantState): boolean => {
  const tag = standingTag(command.type, state);
  if (tag !== null) return !times.includes(tag);
  const [key] = CHANGES.has(command.type) ? needs(command) : [];
  const latest = key === undefined ? null : cold(state, key);
  return latest !== null && !times.includes(latest.at);
};
