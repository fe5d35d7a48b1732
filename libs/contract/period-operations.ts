/** The operations on closed periods and their reports: rows of `operations.ts` and of `resource-schemas.ts`. */
import { tenant, type Operation } from './operation-terms.js';
import { PAGING } from './query-parameters.js';
import {
  amount,
  complete,
  currency,
  id,
  is,
  list,
  nullable,
  oneOf,
  text,
  time,
  whole,
  type Schema,
} from './schema-words.js';
import { CSV, PDF } from './statement-operations.js';

export const REPORT_FORMATS = ['application/json', CSV, PDF] as const;

export const PERIOD_OPERATIONS = {
  closePeriod: tenant(
    'Periods',
    'settlements:write',
    ['POST /v1/periods/close', 'closed_period', 'Close the books through a time or a month, for good'],
    {
      body: 'ClosePeriodBody',
      description:
        'From then on no `effective_at` at or before it is taken, and what is read as of such a time stays as it is. The ' +
        'same again changes nothing; what is closed is never opened again. A `month` of the tenant’s time zone must be over, ' +
        'and so must its last business day, with its settlements netted; it has a report from then on.',
    },
  ),
  listClosedMonths: tenant(
    'Periods',
    'settlements:read',
    ['GET /v1/periods', 'list:closed_period', 'List closed months'],
    {
      query: PAGING,
    },
  ),
  getMonthReport: tenant(
    'Periods',
    'settlements:read',
    ['GET /v1/periods/{month}', 'month_report', 'The sealed report of a closed month'],
    {
      formats: REPORT_FORMATS,
      description:
        'Opening and closing trial balance, totals by kind of account and currency, the month’s settlements and what their ' +
        'payments brought into `suspense`, as known when the month was closed; with the revision and the hash of the event ' +
        'that closed it. As JSON, CSV or PDF, as `Accept` says; the same to the byte whenever it is asked for. `sha256` is of ' +
        'the canonical JSON (RFC 8785) of `report`; `note` is a signed note (C2SP) over it by the key that signs checkpoints. ' +
        '`daybook verify <book> --report <file>` makes the report anew from an export and compares.',
    },
  ),
} as const satisfies Record<string, Operation>;

const sums = { opening_debits: amount, opening_credits: amount, closing_debits: amount, closing_credits: amount };
const date: Schema = { type: 'string', format: 'date' };

export const PERIOD_SCHEMAS: Readonly<Record<string, Schema>> = {
  closed_period: complete({
    object: is('closed_period'),
    through: { ...time, description: 'The last instant that is closed.' },
    month: { ...nullable(text), description: '`YYYY-MM` where a calendar month was closed.' },
    timezone: { ...nullable(text), description: 'Of the month.' },
    from: { ...nullable(time), description: 'The month’s first instant.' },
  }),
  month_report: complete({
    object: is('month_report'),
    report: complete({
      format: is('daybook.month_report/1'),
      tenant_id: id('tenant'),
      month: text,
      timezone: text,
      from: time,
      through: time,
      closed_at: time,
      revision: { ...whole, description: 'Of the event that closed the month.' },
      head_hash: { ...text, description: 'Hex: that event’s hash, which binds all before it.' },
      trial_balance: list(complete({ currency, ...sums })),
      accounts: list(
        complete({
          type: text,
          code: { ...nullable(text), description: 'Of the ledger’s own accounts: which.' },
          currency,
          ...sums,
        }),
      ),
      settlements: list(
        complete({
          settlement_id: id('settlement'),
          business_date: date,
          currency,
          gross: amount,
          refunds: amount,
          fees: amount,
          adjustments: amount,
          net: amount,
          line_count: whole,
          paid_amount: nullable(amount),
          difference: nullable(amount),
          status: oneOf('completed', 'unpaid'),
        }),
      ),
      differences: list(
        complete({ currency, settlements: whole, amount, suspense_opening: amount, suspense_closing: amount }),
      ),
    }),
    sha256: { ...text, description: 'Hex, of the report’s canonical JSON (RFC 8785).' },
    note: { ...text, description: 'A signed note (C2SP): origin and month, revision, sha256.' },
    public_key: { ...text, description: 'The verifier key that signed it.' },
  }),
};
