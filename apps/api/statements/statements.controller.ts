import { Controller, Inject, Req } from '@nestjs/common';
import { CAMT, CSV, PDF, STATEMENT_FORMATS } from '#contract/statement-operations.js';
import type { StatementResource } from '#contract/resources/statement.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { statementCamt } from '#statements/camt.js';
import { statementCsv } from '#statements/csv.js';
import { statementPdf } from '#statements/pdf.js';
import type { Clock } from '#engine/ports.js';
import { formatFor } from '../formats.js';
import { Reading } from '../reading.js';
import type { AskedPeriod } from '../reads.js';
import { CLOCK } from '../tokens.js';

const MOST_DAYS = 366;
const DAY_MS = 86_400_000;

const outOfRange = (param: string, message: string): Problem => new Problem('out_of_range', { param, message });

/** Throws `Problem` where it is none that there can be a statement of. `now`: business time. */
const periodOf = ({ query }: Call, now: number): AskedPeriod => {
  const { from, to, revision = null } = query as { from: number; to: number; revision?: number };
  if (to < from) throw outOfRange('to', 'The period ends before it begins.');
  if (to > now) throw outOfRange('to', 'The period ends ahead of now: more may still happen in it.');
  if (to - from > MOST_DAYS * DAY_MS) throw outOfRange('to', `A statement is of at most ${MOST_DAYS} days.`);
  return { from, to, revision };
};

const written = async (
  statement: StatementResource,
  format: string,
): Promise<{ type: string; body: string | Buffer }> => {
  switch (format) {
    case CSV:
      return { type: `${CSV}; charset=utf-8`, body: statementCsv(statement) };
    case PDF:
      return { type: PDF, body: await statementPdf(statement) };
    case CAMT:
      return { type: CAMT, body: statementCamt(statement) };
    default:
      return { type: JSON_TYPE, body: JSON.stringify(statement) };
  }
};

@Controller()
export class StatementsController {
  constructor(
    @Inject(Reading) private readonly reading: Reading,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Operation('getStatement')
  async statement(@Req() { call, headers }: CallRequest): Promise<string | Buffer> {
    const { tenantId } = call.tenant;
    const accountId = call.param('account_id');
    const period = periodOf(call, this.clock.now());
    await this.reading.await(call, tenantId, accountId);
    if (period.revision !== null) await this.reading.mustBeReached(call, tenantId, period.revision, 'revision');
    const { revision, resource } = await this.reading.reads.statement(tenantId, accountId, period);
    call.atRevision(revision);
    if (resource === null) throw new Problem('account_not_found');
    const { type, body } = await written(
      resource as unknown as StatementResource,
      formatFor(headers.accept, STATEMENT_FORMATS),
    );
    void call.reply.header('content-type', type).header('vary', `${String(call.reply.getHeader('vary'))}, Accept`);
    return body;
  }
}
