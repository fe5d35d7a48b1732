import { CSV, PDF } from '#contract/statement-operations.js';
import type { Passed } from './api-calls.js';
import { period } from './forms.js';
import { idIn, monthIn } from './ids.js';
import type { Visit } from './visit.js';

interface File {
  readonly name: string;
  readonly passed: Passed;
}

const FORMATS: ReadonlyMap<string | undefined, readonly [type: string, ending: string]> = new Map([
  ['pdf', [PDF, 'pdf']],
  ['csv', [CSV, 'csv']],
]);

/** PDF where no format is named, or one that there is not. */
const formatIn = ({ query }: Visit): readonly [type: string, ending: string] =>
  FORMATS.get(query.format) ?? [PDF, 'pdf'];

/** What the API makes as a file, handed on as it comes. */
export const FILES: Readonly<Record<string, (visit: Visit) => Promise<File>>> = {
  '/console/settlements/:id/lines.csv': async (visit) => {
    const id = idIn(visit, 'settlement');
    return { name: `${id}.csv`, passed: await visit.file(`/v1/settlements/${id}/lines`, CSV) };
  },
  '/console/accounts/:id/statement': async (visit) => {
    const id = idIn(visit, 'account');
    const [type, ending] = formatIn(visit);
    const { from, to } = period(visit);
    // The last day may not be over yet, and a statement is of nothing that lies ahead.
    const until = to === undefined ? undefined : Math.min(Date.parse(to), visit.now);
    const query = { from, to: until === undefined || Number.isNaN(until) ? to : new Date(until).toISOString() };
    const passed = await visit.file(`/v1/accounts/${id}/statements`, type, query);
    return { name: `${id}_${visit.query.from}_${visit.query.to}.${ending}`.replace(/[^\w.-]/g, ''), passed };
  },
  '/console/months/:month/report': async (visit) => {
    const month = monthIn(visit);
    const [type, ending] = formatIn(visit);
    return { name: `${month}.${ending}`, passed: await visit.file(`/v1/periods/${month}`, type) };
  },
};
