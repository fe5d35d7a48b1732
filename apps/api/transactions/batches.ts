import { Inject, Injectable } from '@nestjs/common';
import { errorBody, statusOf, type ErrorBody } from '#contract/problems.js';
import type { TransactionResource } from '#contract/resources/transaction.js';
import { accept, type Decision } from '#domain/decision.js';
import { timeOfUlid } from '#domain/ids.js';
import type { LedgerDraft, LedgerEvent } from '#domain/ledger.js';
import type { Receipt } from '#engine/ports.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import { Commands } from '../commands.js';
import { transactionTold } from '../rendering.js';
import { BASE_URL } from '../tokens.js';
import type { BatchTransactionBody } from './transactions.dto.js';

/** One transaction of a batch: what it would have been answered alone. */
interface Line {
  readonly index: number;
  /** HTTP status of this one. */
  readonly status: number;
  readonly transaction?: TransactionResource;
  readonly error?: ErrorBody;
}

const isTransaction = ({ type }: LedgerDraft): boolean => type === 'TransactionPosted';

const answerOf = (data: readonly Line[]): string => JSON.stringify({ object: 'transaction_batch', data });

@Injectable()
export class Batches {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(BASE_URL) private readonly baseUrl: () => string,
  ) {}

  /**
   * As many commands as transactions, in their order, under one key: where an instance dies in the middle, the same request
   * again does what is missing and repeats the rest (DECISIONS 7).
   */
  async eachOnItsOwn(call: Call, transactions: readonly BatchTransactionBody[]): Promise<string> {
    const { tenantId } = call.tenant;
    const n = transactions.length;
    const asked = transactions.map((data, i) =>
      this.commands.execute(call, tenantId, { type: 'PostTransaction', data }, { part: { i, n } }),
    );
    const receipts = await this.allOf(asked);
    if (receipts.some(({ kind }) => kind === 'key_reused')) throw new Problem('key_reused');
    const lines: Line[] = [];
    for (const [index, receipt] of receipts.entries()) lines.push(await this.line(call, tenantId, index, receipt));
    call.atRevision(Math.max(...receipts.map(({ revision }) => revision)));
    const isReplay = receipts.every((receipt) => receipt.kind === 'committed' && receipt.replayed);
    if (!isReplay) void call.reply.removeHeader('idempotent-replayed');
    return answerOf(lines);
  }

  /** One append or nothing. */
  async allOrNone(call: Call, transactions: readonly BatchTransactionBody[]): Promise<string> {
    const { tenantId } = call.tenant;
    const receipt = await this.commands.execute(call, tenantId, { type: 'PostBatch', data: { transactions } });
    if (receipt.kind !== 'committed') {
      await this.commands.told(call, tenantId, receipt);
      throw new TypeError(`an atomic batch came to ${receipt.kind}`);
    }
    this.commands.note(call, tenantId, receipt.events, receipt.revision);
    call.atRevision(receipt.revision);
    if (receipt.replayed) void call.reply.header('idempotent-replayed', 'true');
    void call.reply.header('content-type', JSON_TYPE);
    const posted = receipt.events.filter(({ type }) => type === 'TransactionPosted');
    const lines = posted.map(async (event, index) => ({
      index,
      status: 201,
      transaction: await this.commands.afterCommit(call, () => this.render(tenantId, event)),
    }));
    return answerOf(await Promise.all(lines));
  }

  /**
   * What would come of it, decided in one go so that each line sees what the ones before it would leave. All or none is
   * refused as it would be; else a line that would be refused says with what.
   */
  async tried(call: Call, transactions: readonly BatchTransactionBody[], isAtomic: boolean): Promise<string> {
    const { tenantId } = call.tenant;
    const type = isAtomic ? 'PostBatch' : 'TryBatch';
    const receipt = await this.commands.execute(call, tenantId, { type, data: { transactions } }, { dryRun: true });
    if (receipt.kind !== 'dry_run') {
      await this.commands.told(call, tenantId, receipt);
      throw new TypeError(`a batch that was tried came to ${receipt.kind}`);
    }
    const { revision, events, lines = events.filter(isTransaction).map((event) => accept(event)) } = receipt;
    call.atRevision(revision);
    void call.reply.header('content-type', JSON_TYPE);
    const told = lines.map((decision, index) => this.triedLine(call, tenantId, index, decision, revision));
    return answerOf(await Promise.all(told));
  }

  private async triedLine(
    call: Call,
    tenantId: string,
    index: number,
    decision: Decision<LedgerDraft>,
    revision: number,
  ): Promise<Line> {
    if (decision.kind === 'refused') {
      const { code, param, message, rule } = decision;
      const error = errorBody(code, { param, message, rule }, call.requestId, this.baseUrl());
      return { index, status: statusOf(code, param), error };
    }
    const draft = decision.kind === 'accepted' ? (decision.events.at(-1) as LedgerDraft) : decision.standing;
    const told = await this.commands.opened(tenantId, draft, revision, timeOfUlid(draft.id));
    return { index, status: 200, transaction: transactionTold(told) };
  }

  /** Waits for all, so that none is under way when the answer is given; then throws what the first one threw. */
  private async allOf(asked: readonly Promise<Receipt>[]): Promise<Receipt[]> {
    const settled = await Promise.allSettled(asked);
    return settled.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
  }

  private async line(call: Call, tenantId: string, index: number, receipt: Receipt): Promise<Line> {
    try {
      const told = await this.commands.told(call, tenantId, receipt);
      return { index, status: 201, transaction: transactionTold(told) };
    } catch (error) {
      // What passes is the whole batch's answer: with the same key again, each line says what came of it.
      if (!(error instanceof Problem) || error.details.retryAfterMs !== undefined) throw error;
      const { code, details } = error;
      return {
        index,
        status: statusOf(code, details.param),
        error: errorBody(code, details, call.requestId, this.baseUrl()),
      };
    }
  }

  private async render(tenantId: string, event: LedgerEvent): Promise<TransactionResource> {
    return transactionTold(await this.commands.opened(tenantId, event, event.revision, event.at));
  }
}
