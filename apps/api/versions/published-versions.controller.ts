import { Controller, Inject, Req } from '@nestjs/common';
import { API_VERSIONS } from '#contract/api-versions.js';
import { differencesBetween, isBreaking } from '#contract/versions/differences.js';
import { changesBetween, renderVersions, type VersionResource } from '#contract/versions/published-versions.js';
import { samplesOf } from '#contract/versions/samples.js';
import { changelogFeed, changelogPage, diffPage, migrationPage } from '#contract/versions/version-pages.js';
import type { Clock } from '#engine/ports.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import type { Published } from '../installation/published.js';
import { BASE_URL, CLOCK, DOCUMENT } from '../tokens.js';

const ATOM_TYPE = 'application/atom+xml; charset=utf-8';

/** What is published of API versions: for anybody. */
@Controller()
export class PublishedVersionsController {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BASE_URL) private readonly baseUrl: () => string,
    @Inject(DOCUMENT) private readonly published: Published,
  ) {}

  @Operation('listApiVersions')
  list(@Req() { call }: CallRequest): string {
    void call.reply.type(JSON_TYPE);
    return JSON.stringify({ object: 'list', data: this.versions(), has_more: false, next_cursor: null });
  }

  @Operation('getApiVersion')
  get(@Req() { call }: CallRequest): string {
    const version = this.versionNamed(call);
    void call.reply.type(JSON_TYPE);
    return JSON.stringify(version);
  }

  @Operation('diffApiVersions')
  diff(@Req() request: CallRequest): string {
    const { call } = request;
    const [from, to] = [this.versionNamed(call).id, this.versionNamed(call, 'to_api_version').id];
    const changes = changesBetween(this.published.contract.versions, from, to);
    const differences = differencesBetween(this.published.document(from), this.published.document(to));
    if (wants(request, 'text/html')) return html(call, diffPage(from, to, changes, differences));
    void call.reply.type(JSON_TYPE);
    const told = differences.map((one) => ({
      kind: one.kind,
      is_breaking: isBreaking(one),
      at: one.at,
      detail: one.detail,
    }));
    return JSON.stringify({ object: 'api_version_diff', from, to, changes, differences: told });
  }

  @Operation('getChangelog')
  changelog(@Req() request: CallRequest): string {
    const { call } = request;
    void call.reply.header('vary', `${String(call.reply.getHeader('vary'))}, Accept`);
    if (wants(request, 'application/atom+xml')) return this.feed(request);
    if (wants(request, 'text/html')) return html(call, changelogPage(this.versions()));
    void call.reply.type(JSON_TYPE);
    return JSON.stringify({ object: 'changelog', data: this.versions() });
  }

  @Operation('getChangelogFeed')
  feed(@Req() { call }: CallRequest): string {
    void call.reply.type(ATOM_TYPE);
    return changelogFeed(this.versions(), this.baseUrl());
  }

  @Operation('getOpenApiOfVersion')
  openApi(@Req() { call }: CallRequest): string {
    const { id } = this.versionNamed(call);
    void call.reply.type(JSON_TYPE);
    return this.published.openApi(id);
  }

  @Operation('getReferenceOfVersion')
  reference(@Req() { call }: CallRequest): string {
    const { id } = this.versionNamed(call);
    return html(call, this.published.reference(id));
  }

  @Operation('getMigration')
  migration(@Req() { call }: CallRequest): string {
    const version = this.versionNamed(call);
    const all = this.versions();
    const before = all[all.findIndex(({ id }) => id === version.id) + 1];
    // Nobody comes to the first version from another one.
    if (before === undefined) throw new Problem('api_version_not_found');
    const { schemas } = this.published.contract.lowering(version.id);
    const changes = API_VERSIONS.find(({ date }) => date === version.id)?.changes ?? [];
    const samples = new Map(changes.map((change) => [change.id, samplesOf(change, schemas)]));
    return html(call, migrationPage(version, before, samples, this.published.versionHeader));
  }

  private versions(): VersionResource[] {
    return renderVersions(this.published.contract.versions, this.clock.now(), this.baseUrl());
  }

  private versionNamed(call: Call, parameter = 'api_version'): VersionResource {
    const id = call.param(parameter);
    const found = this.versions().find((one) => one.id === id);
    if (found === undefined) throw new Problem('api_version_not_found');
    return found;
  }
}

/** Whether a type is asked for by name: a browser names HTML, and whoever takes anything gets JSON. */
const wants = ({ headers }: CallRequest, type: string): boolean =>
  (headers.accept ?? '').split(',').some((one) => one.split(';', 1)[0]?.trim().toLowerCase() === type);

const html = ({ reply }: Call, page: string): string => {
  void reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'")
    .header('x-content-type-options', 'nosniff');
  return page;
};
