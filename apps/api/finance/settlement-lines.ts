import { Inject, Injectable } from '@nestjs/common';
import { Readable } from 'node:stream';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Reading } from '../reading.js';
import type { Resource } from '../reads.js';

const CSV = 'text/csv';
const ROWS_AT_ONCE = 5_000;

const COLUMNS = [
  'id',
  'settlement_id',
  'type',
  'amount',
  'currency',
  'event_id',
  'revision',
  'transaction_id',
  'card_transaction_id',
  'late',
  'late_for',
  'corrects',
  'created_at',
] as const;

export const wantsCsv = ({ headers }: CallRequest): boolean => headers.accept?.includes(CSV) === true;

// Ids, words, dates and numbers of ours: none has a comma, a quote or a formula's first character in it.
const rowOf = (line: Resource): string =>
  COLUMNS.map((name) => (line[name] === null ? '' : String(line[name] as string | number | boolean))).join(',');

/** The lines of a settlement as CSV (RFC 4180), read page by page while they are taken. */
@Injectable()
export class SettlementLines {
  constructor(@Inject(Reading) private readonly reading: Reading) {}

  answer(call: Call, within: { readonly settlement_id: string }): Readable {
    const { type, late } = call.query;
    const filters = { ...within, ...(type === undefined ? {} : { type }), ...(late === undefined ? {} : { late }) };
    void call.reply
      .header('content-type', `${CSV}; charset=utf-8; header=present`)
      .header('content-disposition', `attachment; filename="${within.settlement_id}.csv"`);
    return Readable.from(this.pages(call.tenant.tenantId, filters), { highWaterMark: 1 });
  }

  private async *pages(tenantId: string, filters: Call['query']): AsyncGenerator<string> {
    yield `${COLUMNS.join(',')}\r\n`;
    for (let startingAfter: string | null = null; ;) {
      const request = { filters, limit: ROWS_AT_ONCE, order: 'asc', startingAfter } as const;
      const { data, hasMore, last } = await this.reading.reads.list(tenantId, 'settlement_lines', request);
      if (data.length > 0) yield `${data.map(rowOf).join('\r\n')}\r\n`;
      if (!hasMore || last === null) return;
      startingAfter = last;
    }
  }
}
