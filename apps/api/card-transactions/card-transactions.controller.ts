import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { cardTransactionTold } from '../rendering.js';
import type {
  AuthorizeCardBody,
  CaptureCardTransactionBody,
  PostCardTransactionBody,
} from './card-transactions.dto.js';

@Controller()
export class CardTransactionsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('authorizeCard')
  authorize(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as AuthorizeCardBody;
    return this.commands.run(call, call.tenant.tenantId, { type: 'AuthorizeCard', data }, cardTransactionTold);
  }

  @Operation('postCardTransaction')
  post(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as PostCardTransactionBody;
    return this.commands.run(call, call.tenant.tenantId, { type: 'PostCardTransaction', data }, cardTransactionTold);
  }

  @Operation('captureCardTransaction')
  capture(@Req() { call }: CallRequest): Promise<string> {
    const card_transaction_id = call.param('card_transaction_id');
    const data = { card_transaction_id, ...(call.body as CaptureCardTransactionBody) };
    return this.commands.run(call, call.tenant.tenantId, { type: 'CaptureCardTransaction', data }, cardTransactionTold);
  }

  @Operation('listCardTransactions')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'card_transactions');
  }

  @Operation('getCardTransaction')
  get(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    const id = call.param('card_transaction_id');
    return this.reading.one(call, tenantId, 'card_transactions', id, 'card_transaction_not_found');
  }
}
