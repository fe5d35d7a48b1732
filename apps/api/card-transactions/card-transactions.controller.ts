import { Controller, Inject, Req } from '@nestjs/common';
import type { Command } from '#domain/commands.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { cardTransactionTold } from '../rendering.js';
import type {
  AdjustCardTransactionBody,
  AuthorizeCardBody,
  CaptureCardTransactionBody,
  ExpireCardTransactionBody,
  IncrementCardTransactionBody,
  PostCardTransactionBody,
  RefundCardTransactionBody,
  RefundToCardBody,
  ReverseCardTransactionBody,
  SimulateAuthorizationBody,
  SimulateDeclineBody,
} from './card-transactions.dto.js';

const TEST_MERCHANT = { name: 'Test Merchant', category_code: '5999', city: null, country: null } as const;

@Controller()
export class CardTransactionsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('authorizeCard')
  authorize(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...data } = call.body as AuthorizeCardBody;
    return this.run(call, { type: 'AuthorizeCard', data }, dry_run);
  }

  @Operation('incrementCardTransaction')
  increment(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...body } = call.body as IncrementCardTransactionBody;
    return this.run(call, { type: 'IncrementCardTransaction', data: { ...named(call), ...body } }, dry_run);
  }

  @Operation('adjustCardTransaction')
  adjust(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...body } = call.body as AdjustCardTransactionBody;
    return this.run(call, { type: 'AdjustCardTransaction', data: { ...named(call), ...body } }, dry_run);
  }

  @Operation('reverseCardTransaction')
  reverse(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...body } = call.body as ReverseCardTransactionBody;
    return this.run(call, { type: 'ReverseCardTransaction', data: { ...named(call), ...body } }, dry_run);
  }

  @Operation('expireCardTransaction')
  expire(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run } = call.body as ExpireCardTransactionBody;
    return this.run(call, { type: 'ExpireCardTransaction', data: named(call) }, dry_run);
  }

  @Operation('postCardTransaction')
  post(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...data } = call.body as PostCardTransactionBody;
    return this.run(call, { type: 'PostCardTransaction', data }, dry_run);
  }

  @Operation('captureCardTransaction')
  capture(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...body } = call.body as CaptureCardTransactionBody;
    return this.run(call, { type: 'CaptureCardTransaction', data: { ...named(call), ...body } }, dry_run);
  }

  @Operation('refundToCard')
  refundToCard(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...data } = call.body as RefundToCardBody;
    return this.run(call, { type: 'RefundToCard', data }, dry_run);
  }

  @Operation('refundCardTransaction')
  refund(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...body } = call.body as RefundCardTransactionBody;
    return this.run(call, { type: 'RefundCardTransaction', data: { ...named(call), ...body } }, dry_run);
  }

  @Operation('simulateAuthorization')
  simulateAuthorization(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as SimulateAuthorizationBody;
    return this.run(call, { type: 'AuthorizeCard', data: { ...madeUp(call), ...body } });
  }

  @Operation('simulateDecline')
  simulateDecline(@Req() { call }: CallRequest): Promise<string> {
    const { reason, ...body } = call.body as SimulateDeclineBody;
    return this.run(call, { type: 'AuthorizeCard', data: { ...madeUp(call), ...body, decline_as: reason } });
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

  private run(call: Call, command: Command, dryRun = false): Promise<string> {
    return this.commands.run(call, call.tenant.tenantId, command, cardTransactionTold, dryRun);
  }
}

const named = (call: Call): { readonly card_transaction_id: string } => ({
  card_transaction_id: call.param('card_transaction_id'),
});

/** What a simulated message says where its sender does not: a repeated request is known by its Idempotency-Key alone. */
const madeUp = ({ requestId }: Call): { merchant: typeof TEST_MERCHANT; network_reference: string } => ({
  merchant: TEST_MERCHANT,
  network_reference: `test-${requestId}`,
});
