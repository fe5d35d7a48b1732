import { Controller, Inject, Req } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { RecentRead } from '#access/version-uses/recent-reads.js';
import { apiVersion, NEWEST_API_VERSION } from '#contract/api-versions.js';
import type { TenantResource } from '#contract/resources/tenant.js';
import { statusAt } from '#contract/versions/lifecycle.js';
import { changesBetween, noticesAt } from '#contract/versions/published-versions.js';
import { formatInstant, type Instant } from '#domain/time.js';
import type { Clock } from '#engine/ports.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { Commands } from '../commands.js';
import type { Published } from '../installation/published.js';
import { Reading } from '../reading.js';
import { tenantTold } from '../rendering.js';
import { BASE_URL, CLOCK, DOCUMENT, NOTE_VERSION, RECENT_READS, VERSION_USES } from '../tokens.js';
import { jsonDifferences, type JsonDifference } from './json-differences.js';
import type { RecentReads } from './recent-reads.js';
import type { VersionUses } from './version-uses.js';
import type { PinApiVersionBody, RehearseVersionBody } from './versions.dto.js';

/** Lets this instance know at once what a tenant's calls are answered in. */
export type NoteVersion = (tenantId: string, version: string) => void;

export const REHEARSAL_HEADER = 'daybook-rehearsal';

/** A tenant's API version: what it is pinned to, what a change of it would touch. */
@Controller()
export class VersionsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BASE_URL) private readonly baseUrl: () => string,
    @Inject(DOCUMENT) private readonly published: Published,
    @Inject(NOTE_VERSION) private readonly noteVersion: NoteVersion,
    @Inject(VERSION_USES) private readonly uses: VersionUses,
    @Inject(RECENT_READS) private readonly recentReads: RecentReads,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  @Operation('pinApiVersion')
  async pin(@Req() { call }: CallRequest): Promise<string> {
    const { version } = call.body as Partial<PinApiVersionBody>;
    if (version === undefined) throw new Problem('missing_field', { param: 'version' });
    if (version !== null) this.mustBeServed(version, 'version');
    const { tenantId } = call.tenant;
    const data = { pinned_api_version: version };
    return this.commands.run(call, tenantId, { type: 'UpdateTenant', data }, (told) => {
      const tenant = tenantTold(told);
      this.noteVersion(tenantId, tenant.api_version);
      return tenant;
    });
  }

  @Operation('getVersionReport')
  async report(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    const { to = NEWEST_API_VERSION } = call.query as { to?: string };
    const from = await this.versionOf(call);
    const changes = changesBetween(this.published.contract.versions, from, to);
    const uses = await this.uses.of(tenantId);
    const data = changes.map((change) => {
      const own = uses.filter((use) => use.change === change.id);
      const operations = own.map(({ operation, uses: calls, lastAt }) => ({
        operation,
        calls,
        last_at: formatInstant(lastAt as Instant),
      }));
      const last = Math.max(...own.map(({ lastAt }) => lastAt));
      return {
        change,
        calls: own.reduce((sum, use) => sum + use.uses, 0),
        last_at: own.length === 0 ? null : formatInstant(last as Instant),
        operations,
      };
    });
    void call.reply.header('content-type', JSON_TYPE);
    return JSON.stringify({
      object: 'version_report',
      from,
      to,
      changes_between: changes.length,
      changes_touched: data.filter(({ calls }) => calls > 0).length,
      data,
    });
  }

  @Operation('rehearseVersion')
  async rehearse(@Req() request: CallRequest): Promise<string> {
    const { call } = request;
    const { to } = call.body as RehearseVersionBody;
    this.mustBeServed(to, 'to');
    const from = await this.versionOf(call);
    const data: Rehearsed[] = [];
    for (const read of await this.recentReads.of(call.tenant.tenantId)) {
      const [before, after] = [await this.asked(request, read, from), await this.asked(request, read, to)];
      data.push({
        operation: read.operation,
        path: read.path,
        from_status: before.status,
        to_status: after.status,
        differences: jsonDifferences(before.body, after.body),
      });
    }
    const isOther = (one: Rehearsed): boolean => one.from_status !== one.to_status || one.differences.length > 0;
    void call.reply.header('content-type', JSON_TYPE);
    const counts = { compared: data.length, different: data.filter(isOther).length };
    return JSON.stringify({ object: 'version_rehearsal', from, to, ...counts, data });
  }

  @Operation('listNotices')
  notices(@Req() { call }: CallRequest): string {
    const data = noticesAt(this.published.contract.versions, this.clock.now(), this.baseUrl());
    void call.reply.header('content-type', JSON_TYPE);
    return JSON.stringify({ object: 'list', data, has_more: false, next_cursor: null });
  }

  /** A read, once more, with the caller's own credential. */
  private async asked(
    { headers }: CallRequest,
    { path }: RecentRead,
    version: string,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    const { authorization, 'x-api-key': apiKey } = headers;
    const { statusCode, body } = await fastify.inject({
      method: 'GET',
      url: path,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
        [this.published.versionHeader]: version,
        [REHEARSAL_HEADER]: this.recentReads.token,
      },
    });
    return { status: statusCode, body: withoutRequest(JSON.parse(body)) };
  }

  /** What applies to the tenant's calls that name no version. */
  private async versionOf(call: Call): Promise<string> {
    const { tenantId } = call.tenant;
    await this.reading.await(call, tenantId, tenantId);
    const { resource } = await this.reading.reads.tenant(tenantId);
    if (resource === null) throw new Problem('tenant_not_found');
    return (resource as unknown as TenantResource).api_version;
  }

  private mustBeServed(version: string, param: string): void {
    const terms = apiVersion(version);
    if (terms === undefined) throw new Problem('api_version_unknown', { param });
    if (statusAt(terms, version === NEWEST_API_VERSION, this.clock.now()) === 'retired') {
      throw new Problem('version_retired', { param });
    }
  }
}

interface Rehearsed {
  readonly operation: string;
  readonly path: string;
  readonly from_status: number;
  readonly to_status: number;
  readonly differences: readonly JsonDifference[];
}

/** Each request has an id of its own, and errors tell it. */
const withoutRequest = (body: unknown): unknown => {
  const { error } = (body ?? {}) as { error?: Record<string, unknown> };
  if (error === undefined) return body;
  const { request_id: _, ...rest } = error;
  return { error: rest };
};
