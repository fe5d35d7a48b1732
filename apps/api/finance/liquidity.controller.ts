import { Controller, Inject, Req } from '@nestjs/common';
import { percent, renderLiquiditySnapshot, renderStanding } from '#contract/resources/liquidity.js';
import { coverageRatio, type LiquidityFacts } from '#domain/liquidity/liquidity.js';
import { formatInstant } from '#domain/time.js';
import type { Clock } from '#engine/ports.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import type { LiquidityPoint } from '#projections/liquidity/liquidity.queries.js';
import { Reading } from '../reading.js';
import { writerOf } from '../recent-writes.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { CLOCK } from '../tokens.js';
import type { Standing } from './finance-reads.js';
import type { SimulateLiquidityBody } from './finance.dto.js';

const DAY_MS = 86_400_000;
const LONGEST_MS = 31 * DAY_MS;

interface Asked {
  readonly currency?: string;
  readonly from?: number;
  readonly to?: number;
}

@Controller()
export class LiquidityController {
  constructor(
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Operation('getLiquidity')
  async standing(@Req() { call }: CallRequest): Promise<string> {
    const standing = await this.stand(call, call.tenant.tenantId);
    const data = standing.points.map((point) => ({
      ...renderStanding(point.facts),
      status: isBreached(standing, point) ? 'breached' : 'covered',
      threshold_percent: percent(thresholdOf(standing, point)),
      revision: point.revision,
      at: formatInstant(point.at),
    }));
    return answer(call, { object: 'liquidity', data });
  }

  @Operation('getLiquidityCurve')
  async curve(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId, callerId } = call.tenant;
    await this.reading.await(call, tenantId, callerId);
    const { currency, from, to } = this.period(call.query as Asked);
    const { revision, points } = await this.reading.reads.finance.curve(tenantId, { currency, from, to });
    call.atRevision(revision);
    const data = points.map(({ facts, at, revision: of }) => ({
      ...renderStanding(facts),
      revision: of,
      at: formatInstant(at),
    }));
    return answer(call, { object: 'liquidity_curve', data });
  }

  @Operation('simulateLiquidity')
  async simulate(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as SimulateLiquidityBody;
    const standing = await this.stand(call, call.tenant.tenantId, body.currency);
    const [point] = standing.points;
    const before = point?.facts ?? nothing(body.currency);
    const after = changed(before, body);
    const ratio = after.coverage_ratio;
    const wasBreached = point !== undefined && isBreached(standing, point);
    const breaches = !wasBreached && ratio !== null && ratio < standing.settings.coverage_alert_bps;
    return answer(call, {
      object: 'liquidity_simulation',
      before: renderStanding(before),
      after: renderStanding(after),
      breaches,
      revision: standing.revision,
    });
  }

  @Operation('getLatestLiquidity')
  latest(@Req() { call }: CallRequest): Promise<string> {
    return this.latestOf(call, call.tenant.tenantId);
  }

  @Operation('listLiquiditySnapshots')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'liquidity_snapshots');
  }

  @Operation('getLiquiditySnapshot')
  get(@Req() { call }: CallRequest): Promise<string> {
    return this.one(call, call.tenant.tenantId);
  }

  @Operation('getTenantLatestLiquidity')
  async latestOfTenant(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    return this.latestOf(call, tenantId);
  }

  @Operation('listTenantLiquiditySnapshots')
  async listOfTenant(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    const { resources, pagination } = await this.reading.adminList(call, tenantId, (request) =>
      this.reading.reads.finance.snapshotsCounted(tenantId, request),
    );
    return JSON.stringify({ snapshots: resources, pagination });
  }

  @Operation('getTenantLiquiditySnapshot')
  async getOfTenant(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    return this.one(call, tenantId);
  }

  private async latestOf(call: Call, tenantId: string): Promise<string> {
    const { points } = await this.stand(call, tenantId);
    return answer(call, { snapshots: points.map((point) => renderLiquiditySnapshot(point.facts, point)) });
  }

  private one(call: Call, tenantId: string): Promise<string> {
    const id = call.param('liquidity_snapshot_id');
    return this.reading.one(call, tenantId, 'liquidity_snapshots', id, 'liquidity_snapshot_not_found');
  }

  private async stand(
    call: Call,
    tenantId: string,
    currency: string | undefined = (call.query as Asked).currency,
  ): Promise<Standing> {
    await this.reading.await(call, tenantId, writerOf(call, tenantId));
    const standing = await this.reading.reads.finance.standing(tenantId, currency);
    call.atRevision(standing.revision);
    return standing;
  }

  private period({ currency, from, to }: Asked): { currency?: string; from: number; to: number } {
    const end = to ?? this.clock.now();
    const begin = from ?? Math.floor(end / DAY_MS) * DAY_MS;
    if (begin > end) throw new Problem('out_of_range', { param: 'from', message: 'The period ends before it begins.' });
    if (end - begin > LONGEST_MS) throw new Problem('out_of_range', { param: 'from', message: 'More than 31 days.' });
    return { ...(currency === undefined ? {} : { currency }), from: begin, to: end };
  }
}

const isBreached = ({ breached }: Standing, { facts }: LiquidityPoint): boolean => breached.has(facts.currency);

const thresholdOf = (standing: Standing, point: LiquidityPoint): number =>
  isBreached(standing, point) ? standing.settings.coverage_restored_bps : standing.settings.coverage_alert_bps;

const nothing = (currency: string): LiquidityFacts => ({
  currency,
  customer: 0,
  business: 0,
  merchant: 0,
  agent: 0,
  total_customer_liabilities: 0,
  total_available_liquidity: 0,
  coverage_ratio: null,
});

const sum = (param: string, ...amounts: readonly number[]): number => {
  const total = amounts.reduce((all, one) => all + BigInt(one), 0n);
  if (!Number.isSafeInteger(Number(total))) throw new Problem('amount_out_of_range', { param });
  return Number(total);
};

/** Throws `Problem` where a sum would leave the range of amounts. */
const changed = (
  before: LiquidityFacts,
  { withdraw = 0, deposit = 0, float_in = 0, float_out = 0 }: SimulateLiquidityBody,
): LiquidityFacts => {
  const owed = sum('deposit', before.total_customer_liabilities, deposit, -withdraw);
  const there = sum('float_in', before.total_available_liquidity, deposit, -withdraw, float_in, -float_out);
  // Without a float account there is no ratio, however much is put into none.
  const hasFloat = before.coverage_ratio !== null || before.total_customer_liabilities <= 0;
  return {
    ...before,
    total_customer_liabilities: owed,
    total_available_liquidity: there,
    coverage_ratio: hasFloat ? coverageRatio(BigInt(there), BigInt(owed)) : null,
  };
};

const answer = (call: Call, told: object): string => {
  void call.reply.header('content-type', JSON_TYPE);
  return JSON.stringify(told);
};
