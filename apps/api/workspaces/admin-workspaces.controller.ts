import { Controller, Inject, Req } from '@nestjs/common';
import type { Person } from '#access/users/user-credentials.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { Reading } from '../reading.js';
import type { Counted, ListRequest, Resource } from '../reads.js';
import { USERS, WORKSPACES } from '../tokens.js';
import type { UserAccess } from '../users/user-access.js';
import type { CreateWorkspaceBody } from './workspaces.dto.js';
import { renderWorkspace, type Workspace, type Workspaces } from './workspaces.js';

/** More tenants than any workspace has; beyond that its members are those of the newest. */
const MOST_TENANTS = 1_000;

/** Workspaces, for operators: who holds which tenants, and who works there (DECISIONS 34). */
@Controller()
export class AdminWorkspacesController {
  constructor(
    @Inject(WORKSPACES) private readonly workspaces: Workspaces,
    @Inject(USERS) private readonly access: UserAccess,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('createWorkspace')
  async create(@Req() { call }: CallRequest): Promise<string> {
    const { workspace, replayed } = await this.workspaces.create(call, (call.body as CreateWorkspaceBody).name);
    void call.reply.header('content-type', JSON_TYPE);
    if (replayed) void call.reply.header('idempotent-replayed', 'true');
    return JSON.stringify(renderWorkspace(workspace));
  }

  @Operation('listWorkspaces')
  async list(@Req() { call }: CallRequest): Promise<string> {
    const all = (await this.workspaces.all()).map(renderWorkspace);
    const { resources, pagination } = await this.reading.adminList(call, null, (request) =>
      Promise.resolve(pageOf(all as readonly object[] as readonly Resource[], request)),
    );
    return JSON.stringify({ workspaces: resources, pagination });
  }

  @Operation('getWorkspace')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const workspace = await this.mustExist(call);
    void call.reply.header('content-type', JSON_TYPE);
    return JSON.stringify(renderWorkspace(workspace));
  }

  @Operation('listWorkspaceTenants')
  async tenants(@Req() { call }: CallRequest): Promise<string> {
    const { workspaceId } = await this.mustExist(call);
    const { resources, pagination } = await this.reading.adminList(call, null, (request) =>
      this.reading.reads.tenantsCounted({ ...request, filters: { ...request.filters, workspace_id: workspaceId } }),
    );
    return JSON.stringify({ tenants: resources, pagination });
  }

  @Operation('listWorkspaceMembers')
  async members(@Req() { call }: CallRequest): Promise<string> {
    const { workspaceId } = await this.mustExist(call);
    const { page } = await this.reading.reads.tenantsCounted({
      filters: { workspace_id: workspaceId },
      limit: MOST_TENANTS,
      order: 'desc',
    });
    const tenantIds = page.data.map(({ id }) => id as string);
    const { resources, pagination } = await this.reading.adminList(call, null, (request) =>
      this.membersOf(tenantIds, request),
    );
    return JSON.stringify({ members: resources, pagination });
  }

  private async mustExist(call: Call): Promise<Workspace> {
    const id = call.param('workspace_id');
    const found = (await this.workspaces.all()).find(({ workspaceId }) => workspaceId === id);
    if (found === undefined) throw new Problem('workspace_not_found');
    return found;
  }

  private async membersOf(
    tenantIds: readonly string[],
    { limit, startingAfter = null }: ListRequest,
  ): Promise<Counted> {
    const { credentials } = this.access;
    const [people, total] = await Promise.all([
      credentials.people(tenantIds, limit + 1, startingAfter),
      credentials.countPeople(tenantIds),
    ]);
    const shown = people.slice(0, limit);
    const data = await Promise.all(shown.map((person) => this.shown(person)));
    return {
      revision: null,
      total,
      page: { data, hasMore: people.length > limit, last: shown.at(-1)?.memberId ?? null },
    };
  }

  /** By the name that they have in the first of their tenants. */
  private async shown({ memberId, users }: Person): Promise<Resource> {
    const named = users.find(({ userId }) => userId === memberId) ?? users[0];
    const { resource } = await this.reading.reads.one(named?.tenantId ?? '', 'users', memberId);
    return {
      object: 'workspace_member',
      id: memberId,
      full_name: resource?.full_name ?? null,
      email: resource?.email ?? null,
      role: users.some(({ role, status }) => role === 'owner' && status === 'active') ? 'admin' : 'member',
      users: users.map(({ tenantId, userId, role, status }) => ({
        tenant_id: tenantId,
        user_id: userId,
        role,
        status,
      })),
    };
  }
}

/** A page of rows whose position is their id, newest first. */
const pageOf = (rows: readonly Resource[], { limit, startingAfter = null }: ListRequest): Counted => {
  const from = startingAfter === null ? 0 : rows.findIndex(({ id }) => id === startingAfter) + 1;
  const data = rows.slice(from, from + limit);
  const last = data.at(-1)?.id as string | undefined;
  return {
    revision: null,
    total: rows.length,
    page: { data, hasMore: rows.length > from + limit, last: last ?? null },
  };
};
