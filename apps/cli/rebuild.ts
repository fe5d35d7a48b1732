import type { Configuration } from '#platform/configuration.js';
import { UsedWrongly } from './outcome.js';

export const rebuild = async (_configuration: Configuration, _names: readonly string[], _options: { readonly all: boolean; readonly json: boolean }): Promise<void> => {
  throw new UsedWrongly('not yet');
};
