import { createHash } from 'node:crypto';
import { Controller, Inject, Req } from '@nestjs/common';
import { MAX_APPEND_BYTES } from '#event-store/event-store.js';
import { renderBankStatement, renderBankStatementLine } from '#contract/resources/bank-statement.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { Commands, type Told } from '../commands.js';
import { Reading } from '../reading.js';
import { UnexpectedFact } from '../rendering.js';
import { UnreadableStatement, type BankStatement } from './bank-statement.js';
import { keptStatement } from './kept-statement.js';
import { DAYS_APART, matchLines } from './match-lines.js';
import { parseStatement } from './parse-statement.js';
import type { ImportBankStatementBody, ResolveBankStatementLineBody } from './reconciliation.dto.js';

const DAY_MS = 86_400_000;

const statementTold = ({ fact, at, open }: Told) => {
  if (!('bank_statement' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderBankStatement(fact.data.bank_statement, { updatedAt: at }, open);
};

const lineTold = ({ fact, at, open }: Told) => {
  if (fact.type !== 'BankStatementLineResolved') throw new UnexpectedFact(fact.type);
  return renderBankStatementLine(fact.data.line, fact.data.bank_statement, { updatedAt: at }, open);
};

const parsed = (bytes: Uint8Array): BankStatement => {
  try {
    return parseStatement(bytes);
  } catch (error) {
    if (!(error instanceof UnreadableStatement)) throw error;
    throw new Problem('invalid_bank_statement', { param: 'file', message: error.message });
  }
};

/** What each line takes beside what the file says of it: its id, its status, what seals its text. */
const LEAST_LINE_BYTES = 180;

/** Refuses what no append could hold before any of it is looked for; what just about fits is for the append to say. */
const fitting = (lines: BankStatement['lines']): void => {
  const text = lines.reduce((sum, { text }) => sum + (Buffer.byteLength(text ?? '') * 4) / 3, 0);
  const rest = lines.reduce((sum, { reference }) => sum + Buffer.byteLength(reference ?? '') + LEAST_LINE_BYTES, 0);
  const least = Math.ceil(text + rest);
  if (least <= MAX_APPEND_BYTES) return;
  throw new Problem('body_too_large', {
    message: `Its lines would take at least ${least} bytes of ${MAX_APPEND_BYTES}; send it in parts.`,
  });
};

@Controller()
export class ReconciliationController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('importBankStatement')
  async import(@Req() { call }: CallRequest): Promise<string> {
    const { account_id, file } = call.body as ImportBankStatementBody;
    const bytes = Buffer.from(file, 'base64');
    const told = parsed(bytes);
    const { account, lines, ...statement } = keptStatement(told);
    fitting(lines);
    const matches = matchLines(told.lines, await this.candidates(call, account_id, statement));
    const data = {
      account_id,
      ...(account === null ? {} : { bank_account: account }),
      digest: createHash('sha256').update(`${account_id} `).update(bytes).digest('hex'),
      ...statement,
      lines: lines.map((line, i) => ({ ...line, transaction_id: matches[i] ?? null })),
    };
    return this.commands.run(call, call.tenant.tenantId, { type: 'ImportBankStatement', data }, statementTold);
  }

  @Operation('listBankStatements')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'bank_statements');
  }

  @Operation('getBankStatement')
  get(@Req() { call }: CallRequest): Promise<string> {
    return this.one(call);
  }

  @Operation('listBankStatementLines')
  async lines(@Req() { call }: CallRequest): Promise<string> {
    await this.one(call);
    return this.reading.list(call, 'bank_statement_lines', { statement_id: call.param('bank_statement_id') });
  }

  @Operation('listUnreconciledTransactions')
  async unreconciled(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    const statement = JSON.parse(await this.one(call)) as { account_id: string; opened_on: string; closed_on: string };
    const data = await this.reading.reads.finance.unreconciled(tenantId, {
      id: statement.account_id,
      from: Date.parse(`${statement.opened_on}T00:00:00Z`),
      to: Date.parse(`${statement.closed_on}T00:00:00Z`) + DAY_MS - 1,
    });
    void call.reply.header('content-type', JSON_TYPE);
    return JSON.stringify({ object: 'unreconciled_transactions', data });
  }

  @Operation('resolveBankStatementLine')
  resolve(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as ResolveBankStatementLineBody;
    const named = { statement_id: call.param('bank_statement_id'), line_id: call.param('bank_statement_line_id') };
    const data = { ...named, ...body };
    return this.commands.run(call, call.tenant.tenantId, { type: 'ResolveBankStatementLine', data }, lineTold);
  }

  private one(call: Call): Promise<string> {
    const id = call.param('bank_statement_id');
    return this.reading.one(call, call.tenant.tenantId, 'bank_statements', id, 'bank_statement_not_found');
  }

  /** What the lines may be: all that moved the account around that time and is no line yet. */
  private async candidates(
    call: Call,
    accountId: string,
    { opened_on, closed_on }: Pick<BankStatement, 'opened_on' | 'closed_on'>,
  ) {
    const { tenantId, callerId } = call.tenant;
    await this.reading.await(call, tenantId, callerId);
    return this.reading.reads.finance.unreconciled(tenantId, {
      id: accountId,
      from: Date.parse(`${opened_on}T00:00:00Z`) - DAYS_APART * DAY_MS,
      to: Date.parse(`${closed_on}T00:00:00Z`) + (DAYS_APART + 1) * DAY_MS,
    });
  }
}
