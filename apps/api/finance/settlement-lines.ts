import { Inject, Injectable } from '@nestjs/common';
import { Readable } from 'node:stream';
import type { CsvTable } from '#contract/versions/csv.js';
import { csvTable } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Reading } from '../reading.js';

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
    const table = csvTable(call, COLUMNS);
    return Readable.from(this.pages(call.tenant.tenantId, filters, table), { highWaterMark: 1 });
  }

  private async *pages(tenantId: string, filters: Call['query'], table: CsvTable): AsyncGenerator<string> {
    yield table.head();
    for (let startingAfter: string | null = null; ;) {
      const request = { filters, limit: ROWS_AT_ONCE, order: 'asc', startingAfter } as const;
      const { data, hasMore, last } = await this.reading.reads.list(tenantId, 'settlement_lines', request);
      if (data.length > 0) yield table.rows(data);
      if (!hasMore || last === null) return;
      startingAfter = last;
    }
  }
}
