import type { Configuration } from '#platform/configuration.js';
import { findRunning } from './running.js';

interface Page {
  readonly tenants: readonly {
    id: string;
    name: string;
    status: string;
    environment: string;
    default_currency: string;
  }[];
  readonly pagination: { readonly total_count: number };
}

const PAGE = 100;

/** Lists the tenants, a line each. */
export const tenants = async (configuration: Configuration, options: { readonly json: boolean }): Promise<void> => {
  const running = await findRunning(configuration);
  for (let offset = 0; ; offset += PAGE) {
    const response = await running.get(`/api/v1/admin/tenants?limit=${PAGE}&offset=${offset}`);
    const page = (await response.json()) as Page;
    for (const { id, name, status, environment, default_currency } of page.tenants) {
      const line = options.json
        ? JSON.stringify({ id, name, status, environment, default_currency })
        : `${id}  ${environment.padEnd(7)}  ${status.padEnd(9)}  ${default_currency}  ${name}`;
      process.stdout.write(`${line}\n`);
    }
    if (page.tenants.length < PAGE) return;
  }
};
