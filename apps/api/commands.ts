/** From a request to a command and from its receipt to the answer. */
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Open } from '#contract/resources/personal.js';
import type { OperationName } from '#contract/operations.js';
import { isConditional } from '#contract/preconditions.js';
import type { Sealed } from '#domain/decision.js';
import type { EntitlementKey } from '#domain/entitlements/entitlements.js';
import type { EvaluateLimits, LimitEvaluation } from '#domain/limits/evaluate-limits.js';
import { timeOfUlid, type Ulid } from '#domain/ids.js';
import { tagOfFact } from '#domain/settings-tags.js';
import type { Command, Issuer } from '#domain/commands.js';
import type { IdempotencyRecord, LedgerDraft, LedgerEvent, LedgerFact } from '#domain/ledger.js';
import { NotTaken, OutcomePending, type Receipt } from '#engine/ports.js';
import { JSON_TYPE, written } from '#platform/http/answer.js';
import type { Call } from '#platform/http/call.js';
import { outcomePending } from '#platform/http/problem.filter.js';
import { Problem } from '#platform/http/problem.js';
import { ExecuteCommand } from './execute-command.js';
import { sealedTextsIn } from './personal-texts.js';
import { RecentWrites, writerOf } from './recent-writes.js';
import { OPENER, READS } from './tokens.js';
import type { Reads } from './reads.js';
import { subjectOfFact } from './subject-of-fact.js';

/** Opens sealed texts: `SubjectVault.opener` of the vault. */
export interface Opener {
  opener(tenantId: string, sealedTexts: Iterable<Sealed>): Promise<(sealed: Sealed) => string | null>;
}

/** What a command came to, with all that a renderer asks for. */
export interface Told<F extends LedgerFact = LedgerFact> {
  readonly tenantId: string;
  readonly fact: F;
  readonly eventId: Ulid;
  readonly revision: number;
  /** Milliseconds: when the resource last changed. */
  readonly at: number;
  readonly open: Open;
}

export type Render = (told: Told) => object;

export type Part = IdempotencyRecord['part'];

interface Asked {
  /** The user who does it, where nobody has signed in yet: what they may was judged before. */
  readonly as?: string;
  readonly part?: Part;
  readonly dryRun?: boolean;
}

const opensNothing: Open = () => null;

@Injectable()
export class Commands {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(OPENER) private readonly vault: Opener,
    @Inject(READS) private readonly reads: Reads,
    @Inject(RecentWrites) private readonly recent: RecentWrites,
  ) {}

  /** Executes a command and answers with what it came to: JSON. Throws `Problem` where it was refused. */
  async run(call: Call, tenantId: string, command: Command, render: Render, dryRun = false): Promise<string> {
    const receipt = await this.execute(call, tenantId, command, dryRun ? { dryRun } : NOTHING_ELSE);
    const told = await this.told(call, tenantId, receipt);
    // Also where a message came before: nothing is created by asking.
    if (dryRun) void call.reply.code(200);
    return written(call, render(told));
  }

  /** Throws `Problem` where the engine can't take it or does not know the outcome. */
  async execute(
    call: Call,
    tenantId: string,
    command: Command,
    { as, part = null, dryRun = false }: Asked = {},
  ): Promise<Receipt> {
    const { idempotency } = call;
    const { issuer, actor } = as === undefined ? authorOf(call) : { issuer: SYSTEM, actor: as };
    try {
      const receipt = await this.bus.execute(
        new ExecuteCommand({
          tenantId,
          command,
          issuer,
          actor,
          requestId: call.requestId,
          apiVersion: call.version,
          ip: call.ip,
          idempotency:
            idempotency === null
              ? null
              : {
                  key: idempotency.key,
                  request: idempotency.request,
                  operation: call.operationName as OperationName,
                  part,
                },
          dryRun,
          ifLastChangedAt: call.ifLastChangedAt,
        }),
      );
      noteRecorded(call, tenantId, receipt);
      return receipt;
    } catch (error) {
      throw problemOfEngine(error, idempotency !== null);
    }
  }

  /** Asks the tenant's writer how things stand; nothing comes of it. Throws `Problem` where the question is refused. */
  async ask(call: Call, tenantId: string, question: EvaluateLimits): Promise<LimitEvaluation> {
    const receipt = await this.execute(call, tenantId, question, { dryRun: true });
    if (receipt.kind === 'dry_run' && receipt.answer !== undefined) {
      void call.reply.header('content-type', JSON_TYPE);
      call.atRevision(receipt.revision);
      return receipt.answer;
    }
    await this.told(call, tenantId, receipt);
    throw new TypeError(`${question.type} came to no answer`);
  }

  /** What a receipt says, to be rendered; notes for later reads what was written. Throws `Problem` for a refusal. */
  async told(call: Call, tenantId: string, receipt: Receipt): Promise<Told> {
    const told = await this.cameTo(call, tenantId, receipt);
    const { operation, operationName } = call;
    if (operationName !== null && isConditional(operationName) && operation?.status !== 204) {
      call.tag(tagOfFact(told.fact) ?? told.at);
    }
    return told;
  }

  private async cameTo(call: Call, tenantId: string, receipt: Receipt): Promise<Told> {
    if (call.operation?.status !== 204) void call.reply.header('content-type', JSON_TYPE);
    call.atRevision(receipt.revision);
    noteRecorded(call, tenantId, receipt);
    switch (receipt.kind) {
      case 'committed': {
        if (receipt.replayed) void call.reply.header('idempotent-replayed', 'true');
        const event = receipt.events.at(-1) as LedgerEvent;
        this.note(call, tenantId, receipt.events, receipt.revision);
        refuseFailed(event, event.meta.request_id);
        return this.afterCommit(call, () => this.opened(tenantId, event, event.revision, event.at));
      }
      case 'dry_run': {
        const draft = receipt.events.at(-1) as LedgerDraft;
        return this.opened(tenantId, draft, receipt.revision, timeOfUlid(draft.id));
      }
      case 'unchanged': {
        const { standing, duplicate } = receipt;
        if (duplicate === 'other_body') void call.reply.header('duplicate-message', 'true');
        if (duplicate !== undefined) refuseFailed(standing);
        const at =
          duplicate === undefined
            ? await this.lastChange(tenantId, standing, receipt.revision)
            : timeOfUlid(standing.id);
        return this.opened(tenantId, standing, receipt.revision, at);
      }
      case 'refused': {
        const { code, param, message, rule } = receipt.refusal;
        throw new Problem(code, { param, message, rule });
      }
      case 'changed_since':
        throw new Problem('precondition_failed', { param: 'If-Match' });
      case 'key_reused':
        throw new Problem('key_reused');
      case 'too_large':
        throw new Problem('body_too_large', { message: `It would take ${receipt.bytes} bytes of ${receipt.limit}.` });
    }
  }

  /** What is committed stays so where it can't be told: nobody is answered as if it had failed. */
  async afterCommit<T>(call: Call, tell: () => Promise<T>): Promise<T> {
    try {
      return await tell();
    } catch (error) {
      throw error instanceof Problem ? error : outcomePending(call.idempotency !== null, error);
    }
  }

  note(call: Call, tenantId: string, events: readonly LedgerEvent[], revision: number): void {
    // Whoever has not signed in yet reads nothing.
    if (call.principal === null) return;
    const writer = writerOf(call, tenantId);
    for (const event of events) this.recent.note(tenantId, writer, event, revision);
  }

  async opened(tenantId: string, fact: LedgerEvent | LedgerDraft, revision: number, at: number): Promise<Told> {
    const sealed = sealedTextsIn(fact.data);
    const open = sealed.length === 0 ? opensNothing : await this.vault.opener(tenantId, sealed);
    return { tenantId, fact, eventId: fact.id, revision, at, open };
  }

  /** When a resource last changed that a command left as it was: only its row knows. */
  private async lastChange(tenantId: string, standing: LedgerDraft, revision: number): Promise<number> {
    const subject = subjectOfFact(standing);
    if (subject === null) return timeOfUlid(standing.id);
    const { collection, id } = subject;
    await this.reads.waitFor(tenantId, revision, UNCHANGED_WAIT_MS);
    const { resource } =
      collection === 'tenants' ? await this.reads.tenant(id) : await this.reads.one(tenantId, collection, id);
    const updated = resource?.updated_at;
    return typeof updated === 'string' ? Date.parse(updated) : timeOfUlid(standing.id);
  }
}

/** Events tell who did it: the audit log need not tell it again. */
const noteRecorded = (call: Call, tenantId: string, receipt: Receipt): void => {
  if (receipt.kind === 'committed' && !receipt.replayed) call.recordedIn = tenantId;
};

const SYSTEM: Issuer = { plane: 'system', keyId: null, entitlement: null };

const authorOf = (call: Call): { readonly issuer: Issuer; readonly actor: string } => {
  const { principal } = call;
  if (principal?.plane !== 'tenant') {
    return { issuer: { plane: 'admin', keyId: null, entitlement: null }, actor: call.operator.operatorId };
  }
  const { callerId } = principal;
  const isUser = callerId.startsWith('usr_');
  const issuer = { keyId: isUser ? null : callerId, userId: isUser ? callerId : null };
  return { issuer: { plane: 'tenant', ...issuer, entitlement: entitlementOf(call) }, actor: callerId };
};

const entitlementOf = ({ operation }: Call): EntitlementKey | null =>
  operation?.plane === 'tenant' ? operation.entitlement : null;

const UNCHANGED_WAIT_MS = 1_000;
const NOTHING_ELSE: Asked = {};

/** What an engine's rejection is answered with. */
export const problemOfEngine = (error: unknown, isKeyed: boolean): unknown => {
  if (error instanceof NotTaken) return new Problem('service_unavailable', { retryAfterMs: error.retryAfterMs });
  return error instanceof OutcomePending ? outcomePending(isKeyed) : error;
};

/**
 * A recorded refusal is a 422 that names the transaction which keeps it: of a card's increment, the card transaction.
 * `requestId` is of the request that it was recorded for, which a replay tells as well.
 */
export const refuseFailed = (fact: LedgerFact, requestId: string | null = null): void => {
  if (fact.type === 'TransactionFailed') {
    const { failure_code, failure_rule, transaction_id } = fact.data.transaction;
    throw new Problem(failure_code ?? 'internal_error', {
      transactionId: transaction_id,
      rule: failure_rule ?? undefined,
      requestId: requestId ?? undefined,
    });
  }
  if (fact.type !== 'CardAuthorizationChanged') return;
  const { card_transaction_id, elements } = fact.data.card_transaction;
  const { decline_reason, decline_rule } = elements.at(-1) ?? {};
  if (decline_reason === undefined) return;
  throw new Problem(decline_reason, {
    cardTransactionId: card_transaction_id,
    rule: decline_rule,
    requestId: requestId ?? undefined,
  });
};
