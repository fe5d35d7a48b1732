import { Controller, Inject, Req } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { renderSettlement } from '#contract/resources/settlement.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { settlementTold, transactionTold } from '../rendering.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import type { CompleteSettlementBody, FailSettlementBody, RecordNetworkItemBody } from './finance.dto.js';
import { SettlementLines, wantsCsv } from './settlement-lines.js';

@Controller()
export class SettlementsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(SettlementLines) private readonly csv: SettlementLines,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('listSettlements')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'settlements');
  }

  @Operation('getSettlement')
  get(@Req() { call }: CallRequest): Promise<string> {
    const { settlement_id } = named(call);
    return this.reading.one(call, call.tenant.tenantId, 'settlements', settlement_id, 'settlement_not_found');
  }

  @Operation('listSettlementLines')
  async lines(@Req() request: CallRequest): Promise<string | Readable> {
    const { call } = request;
    const within = named(call);
    // A settlement that is not there has no lines, and says so rather than that there are none.
    await this.reading.one(call, call.tenant.tenantId, 'settlements', within.settlement_id, 'settlement_not_found');
    return wantsCsv(request) ? this.csv.answer(call, within) : this.reading.list(call, 'settlement_lines', within);
  }

  @Operation('completeSettlement')
  complete(@Req() { call }: CallRequest): Promise<string> {
    const data = { ...named(call), ...(call.body as CompleteSettlementBody) };
    return this.commands.run(call, call.tenant.tenantId, { type: 'CompleteSettlement', data }, settlementTold);
  }

  @Operation('failSettlement')
  fail(@Req() { call }: CallRequest): Promise<string> {
    const data = { ...named(call), ...(call.body as FailSettlementBody) };
    return this.commands.run(call, call.tenant.tenantId, { type: 'FailSettlement', data }, settlementTold);
  }

  @Operation('recordNetworkItem')
  record(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as RecordNetworkItemBody;
    return this.commands.run(call, call.tenant.tenantId, { type: 'RecordNetworkItem', data }, transactionTold);
  }

  @Operation('advanceSettlements')
  async advance(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    const receipt = await this.commands.execute(call, tenantId, { type: 'EndBusinessDay', data: {} });
    const { fact, at, open } = await this.commands.told(call, tenantId, receipt);
    void call.reply.header('content-type', JSON_TYPE);
    const { first_date, timezone, cut_off_hour } = fact.data as Extract<
      typeof fact,
      { type: 'BusinessCalendarChanged' }
    >['data'];
    const events = receipt.kind === 'committed' ? receipt.events : [];
    const settlements = events.flatMap(({ data }) =>
      'settlement' in data ? [renderSettlement(data.settlement, { updatedAt: at }, open)] : [],
    );
    return JSON.stringify({ object: 'business_day', business_date: first_date, timezone, cut_off_hour, settlements });
  }

  @Operation('listTenantSettlements')
  async listOfTenant(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    const { resources, pagination } = await this.reading.adminList(call, tenantId, (request) =>
      this.reading.reads.finance.settlementsCounted(tenantId, request),
    );
    return JSON.stringify({ settlements: resources, pagination });
  }
}

const named = (call: Call): { readonly settlement_id: string } => ({ settlement_id: call.param('settlement_id') });
