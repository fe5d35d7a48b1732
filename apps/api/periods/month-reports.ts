import { Inject, Injectable } from '@nestjs/common';
import { exactly, NotExact } from '#contract/exact.js';
import { REPORT_FORMATS } from '#contract/period-operations.js';
import { CSV, PDF } from '#contract/statement-operations.js';
import { ledgerStream } from '#domain/codec.js';
import { monthReport, type MonthReport } from '#domain/periods/month-report.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import { originOf, verifierKey } from '#proof/checkpoint.js';
import { signedReport, type SignedReport } from '#proof/signed-report.js';
import { monthReportCsv } from '#statements/month-report-csv.js';
import { monthReportPdf } from '#statements/month-report-pdf.js';
import type { Streams } from '../audit/raw-events.js';
import type { CheckpointKey } from '../dependencies.js';
import { formatFor } from '../formats.js';
import { Reading } from '../reading.js';
import { CHECKPOINT_KEY, EVENT_STORE } from '../tokens.js';

const BEYOND = 'A balance is beyond ±(2^53 − 1), the largest exact number.';

/** The reports of closed months, made of the read model and sealed: made again they are the same. */
@Injectable()
export class MonthReports {
  constructor(
    @Inject(Reading) private readonly reading: Reading,
    @Inject(EVENT_STORE) private readonly store: Streams,
    @Inject(CHECKPOINT_KEY) private readonly key: CheckpointKey,
  ) {}

  /** Throws `Problem` where the month is not closed. */
  async answer(call: Call, month: string, accept: string | undefined): Promise<string | Buffer> {
    const { tenantId, callerId } = call.tenant;
    await this.reading.await(call, tenantId, callerId);
    const { revision, data } = await this.reading.reads.finance.closedMonth(tenantId, month);
    call.atRevision(revision);
    if (data === null) throw new Problem('month_not_found');
    const head_hash = await this.hashAt(tenantId, data.revision);
    const report = exactReport({ ...data, head_hash });
    const sealed = signedReport(report, originOf(ledgerStream(tenantId)), this.key);
    const format = formatFor(accept, REPORT_FORMATS);
    const type = format === CSV ? `${CSV}; charset=utf-8` : format === PDF ? PDF : JSON_TYPE;
    void call.reply.header('content-type', type).header('vary', `${String(call.reply.getHeader('vary'))}, Accept`);
    if (format === CSV) return monthReportCsv(report);
    return format === PDF ? monthReportPdf(report, sealed) : this.asJson(report, sealed);
  }

  private asJson(report: MonthReport, sealed: SignedReport): string {
    const public_key = verifierKey(originOf(ledgerStream(report.tenant_id)), this.key.public);
    return JSON.stringify({ object: 'month_report', report, ...sealed, public_key });
  }

  private async hashAt(tenantId: string, revision: number): Promise<string> {
    for await (const [event] of this.store.read(ledgerStream(tenantId), revision, 1)) {
      if (event?.revision === revision) return Buffer.from(event.hash).toString('hex');
    }
    throw new Error(`${tenantId} has no revision ${revision}`);
  }
}

const exactReport = (facts: Parameters<typeof monthReport>[0]): MonthReport => {
  try {
    return monthReport(facts, exactly);
  } catch (error) {
    if (!(error instanceof NotExact)) throw error;
    throw new Problem('amount_out_of_range', { message: BEYOND });
  }
};
