/** The operations on statements, and on what proves the stream: rows of `operations.ts`. */
import { tenant, type Operation } from './operation-terms.js';
import { RECEIPT_OF, STATEMENT_PERIOD } from './query-parameters.js';

export const CSV = 'text/csv';
export const PDF = 'application/pdf';
export const CAMT = 'application/vnd.camt.053+xml';
export const STATEMENT_FORMATS = ['application/json', CSV, PDF, CAMT] as const;

export const STATEMENT_OPERATIONS = {
  getStatement: tenant(
    'Accounts',
    'accounts:read',
    ['GET /v1/accounts/{account_id}/statements', 'statement', 'An account’s statement for a period'],
    {
      query: STATEMENT_PERIOD,
      formats: STATEMENT_FORMATS,
      entitlement: 'statements.read',
      description:
        'Opening balance, every entry that took effect in the period in that order with the balance after it, closing ' +
        'balance. As JSON, CSV, PDF or camt.053.001.08, as `Accept` says. It names the `revision` that it was known at, and ' +
        'asked for again with that revision it is the same to the byte, whatever was back-dated since; only the texts of ' +
        'erased subjects are gone. At most 366 days and 100,000 lines.',
    },
  ),
  getCheckpoint: tenant(
    'Audit',
    'ledger:audit',
    ['GET /v1/ledger/checkpoint', 'checkpoint', 'A signed checkpoint of the stream'],
    {
      description:
        'How many events there are and the root of the Merkle tree over their hashes, signed (`docs/export-format.md`). Keep ' +
        'it where nobody of the platform can change it: what was in the stream then can’t be changed unnoticed any more.',
    },
  ),
  getReceipt: tenant(
    'Audit',
    'ledger:audit',
    ['GET /v1/ledger/receipt', 'receipt', 'A proof that one event is in the stream'],
    {
      query: RECEIPT_OF,
      description:
        'The event, and the hashes that lead from it to the root of the checkpoint. `daybook verify --receipt` checks it ' +
        'without a server.',
    },
  ),
} as const satisfies Record<string, Operation>;
