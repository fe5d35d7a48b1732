import { PUBLIC_EVENT_TYPES, type PublicEventType } from '#contract/public-events.js';
import type { Configuration } from '#platform/configuration.js';
import { UsedWrongly } from '../outcome.js';
import { operatorToken } from '../running.js';
import { NOT_TRIGGERED, RECIPES } from './recipes.js';
import { findSandbox, Sandbox, type ToldEvent } from './sandbox.js';

export interface TriggerArguments {
  readonly key?: string;
  readonly json: boolean;
}

/** Makes an event of the type happen, and answers it. Throws `UsedWrongly` for a type that can't be made to. */
export const triggered = async (sandbox: Sandbox, type: string): Promise<ToldEvent> => {
  const recipe = RECIPES[type as PublicEventType];
  if (recipe === undefined) {
    const why = NOT_TRIGGERED[type as PublicEventType];
    if (why !== undefined) throw new UsedWrongly(`${type} is not triggered: ${why}.`);
    const types = PUBLIC_EVENT_TYPES.filter((one) => RECIPES[one] !== undefined);
    throw new UsedWrongly(`There is no type ${type}. There are: ${types.join(', ')}.`);
  }
  const { environment } = await sandbox.tenant();
  if (environment !== 'sandbox') throw new UsedWrongly('This is for sandbox tenants, and the key is another one’s.');
  const before = await sandbox.newest();
  await recipe(sandbox);
  return sandbox.eventOf(type, before);
};

/** Makes a real event of a type happen at a sandbox tenant, by commands over the API. */
export const trigger = async (configuration: Configuration, type: string, given: TriggerArguments): Promise<void> => {
  const access = findSandbox(configuration, given.key);
  const permissions = ['view_tenants', 'manage_tenants', 'manage_tenant_entitlements'] as const;
  // Where operators' tokens come from elsewhere, everything but operators' acts can be triggered.
  const token = await operatorToken(configuration, permissions, 600, 'trigger').catch(() => null);
  const event = await triggered(new Sandbox(access, token), type);
  const { id, sequence } = event;
  process.stdout.write(given.json ? `${JSON.stringify(event)}\n` : `${type}  ${id}  sequence ${sequence}\n`);
};
