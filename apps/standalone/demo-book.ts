import { createHash } from 'node:crypto';
import type { KycTier } from '#domain/accounts/accounts.js';
import type { Command } from '#domain/commands.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { CommandRequest, Engine } from '#engine/ports.js';

/** Idempotency of what the demo does: the same name means the same thing, whatever its times. */
export const demoKey = (name: string): { readonly key: string; readonly request: string } => {
  const key = createHash('sha256').update(`demo ${name}`).digest('hex');
  return { key, request: key };
};

/**
 * A tenant's ledger as the demo writes it: one command after another, at times of its own choosing. Each has a key made of
 * its place in the order, so that a start after one that was killed goes on where that one ended and doubles nothing.
 */
export class DemoBook {
  private steps = 0;

  constructor(
    private readonly engine: Engine,
    readonly tenantId: string,
    private readonly signal: AbortSignal,
  ) {}

  /** The next command of the story; answers its last event, also where an earlier start did it. It can't be refused. */
  run(command: Command): Promise<LedgerEvent> {
    this.signal.throwIfAborted();
    this.steps += 1;
    const record = { ...demoKey(`${this.tenantId} ${this.steps}`), operation: `demo.${command.type}`, part: null };
    return this.execute(command, record);
  }

  /** A command beside the story, done each time it is asked for. */
  runAnew(command: Command): Promise<LedgerEvent> {
    return this.execute(command, null);
  }

  async createCustomer(name: string, kyc_tier: KycTier): Promise<string> {
    const event = await this.run({ type: 'CreateCustomer', data: { kind: 'person', name, kyc_tier } });
    if (event.type !== 'CustomerCreated') throw new Error('no customer was created');
    return event.data.customer.customer_id;
  }

  async openAccount(
    account_name: string,
    wallet_type: 'customer' | 'merchant' | 'business',
    currency: string,
    customer_id: string | null = null,
  ): Promise<string> {
    const event = await this.run({ type: 'OpenAccount', data: { account_name, wallet_type, currency, customer_id } });
    if (event.type !== 'AccountOpened') throw new Error('no account was opened');
    return event.data.account.account_id;
  }

  async activeCard(account_id: string, holder_name: string): Promise<string> {
    const event = await this.run({ type: 'IssueCard', data: { account_id, type: 'virtual', holder_name } });
    if (event.type !== 'CardIssued') throw new Error('no card was issued');
    const { card_id } = event.data.card;
    await this.run({ type: 'ChangeCardStatus', data: { card_id, action: 'activate' } });
    return card_id;
  }

  private async execute(command: Command, idempotency: CommandRequest['idempotency']): Promise<LedgerEvent> {
    const request: CommandRequest = {
      tenantId: this.tenantId,
      command,
      issuer: { plane: 'system', keyId: null, entitlement: null },
      actor: 'demo',
      requestId: null,
      apiVersion: null,
      ip: null,
      idempotency,
    };
    const receipt = await this.engine.execute(request);
    const event = receipt.kind === 'committed' ? receipt.events.at(-1) : undefined;
    if (event === undefined) throw new Error(`the demo's ${command.type} came to ${JSON.stringify(receipt)}`);
    return event;
  }
}
