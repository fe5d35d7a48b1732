import { PERMISSION_NAMES } from '#contract/scopes.js';
import type { Configuration } from '#platform/configuration.js';
import { UsedWrongly } from './outcome.js';
import { operatorToken } from './running.js';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

const secondsOf = (ttl: string): number => {
  const found = /^(\d{1,6})([smhd])$/.exec(ttl);
  const seconds = found ? Number(found[1]) * (SECONDS[found[2] as string] as number) : 0;
  if (seconds === 0) throw new UsedWrongly(`--ttl ${ttl}: write a number and s, m, h or d, such as 15m or 1h.`);
  return seconds;
};

/** Prints an operator's token, alone. */
export const token = async (
  configuration: Configuration,
  options: { readonly permissions: readonly string[]; readonly ttl: string; readonly operator: string },
): Promise<void> => {
  const permissions = PERMISSION_NAMES.filter((name) => options.permissions.includes(name));
  if (permissions.length !== options.permissions.length || permissions.length === 0) {
    const unknown = options.permissions.filter((name) => !(PERMISSION_NAMES as readonly string[]).includes(name));
    const wrong = unknown.length > 0 ? `${unknown.join(', ')}: no permission` : 'write each permission once';
    throw new UsedWrongly(`--permissions: ${wrong}. There are ${PERMISSION_NAMES.join(', ')}.`);
  }
  const text = await operatorToken(configuration, permissions, secondsOf(options.ttl), options.operator);
  process.stdout.write(`${text}\n`);
};
