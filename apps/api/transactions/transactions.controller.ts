import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { transactionTold } from '../rendering.js';
import { Batches } from './batches.js';
import type { PostBatchBody, PostTransactionBody, ReverseTransactionBody } from './transactions.dto.js';

@Controller()
export class TransactionsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(Batches) private readonly batches: Batches,
  ) {}

  @Operation('postTransaction')
  post(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as PostTransactionBody;
    return this.commands.run(
      call,
      call.tenant.tenantId,
      { type: 'PostTransaction', data },
      transactionTold,
      data.dry_run,
    );
  }

  @Operation('postBatch')
  postBatch(@Req() { call }: CallRequest): Promise<string> {
    const { transactions, atomic, dry_run } = call.body as PostBatchBody;
    if (dry_run === true) return this.batches.tried(call, transactions, atomic === true);
    return atomic === true ? this.batches.allOrNone(call, transactions) : this.batches.eachOnItsOwn(call, transactions);
  }

  @Operation('listTransactions')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'transactions');
  }

  @Operation('getTransaction')
  get(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    return this.reading.one(call, tenantId, 'transactions', call.param('transaction_id'), 'transaction_not_found');
  }

  @Operation('reverseTransaction')
  reverse(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...asked } = call.body as ReverseTransactionBody;
    const data = { transaction_id: call.param('transaction_id'), ...asked };
    return this.commands.run(
      call,
      call.tenant.tenantId,
      { type: 'ReverseTransaction', data },
      transactionTold,
      dry_run,
    );
  }
}
