import type { Command, LedgerEvent } from '#domain/ledger.js';
import type { CommandRequest, Engine } from '#engine/ports.js';

/** A tenant's ledger as the demo writes it: one command after another, at times of its own choosing. */
export class DemoBook {
  constructor(
    private readonly engine: Engine,
    readonly tenantId: string,
  ) {}

  /** Executes a command that can't be refused; answers its last event. */
  async run(command: Command): Promise<LedgerEvent> {
    const request: CommandRequest = {
      tenantId: this.tenantId,
      command,
      issuer: { plane: 'system', keyId: null },
      actor: 'demo',
      requestId: null,
      apiVersion: null,
      ip: null,
      idempotency: null,
    };
    const receipt = await this.engine.execute(request);
    const event = receipt.kind === 'committed' ? receipt.events.at(-1) : undefined;
    if (event === undefined) throw new Error(`the demo's ${command.type} came to ${JSON.stringify(receipt)}`);
    return event;
  }

  async openAccount(
    account_name: string,
    wallet_type: 'customer' | 'merchant' | 'business',
    currency: string,
  ): Promise<string> {
    const event = await this.run({ type: 'OpenAccount', data: { account_name, wallet_type, currency } });
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
}
