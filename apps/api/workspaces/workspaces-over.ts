import type { TenantRegistry } from '#engine/tenant-registry.js';
import { Problem } from '#platform/http/problem.js';
import { problemOfEngine } from '../commands.js';
import type { Workspaces } from './workspaces.js';

/** Workspaces over the platform's stream. */
export const workspacesOver = (registry: TenantRegistry): Workspaces => ({
  create: async (call, name) => {
    const { idempotency } = call;
    const asked = {
      name,
      actor: call.operator.operatorId,
      requestId: call.requestId,
      idempotency: idempotency && { key: idempotency.key, request: idempotency.request, operation: 'createWorkspace' },
    };
    const made = await registry.createWorkspace(asked).catch((error: unknown) => {
      throw problemOfEngine(error, idempotency !== null);
    });
    if (made === null) throw new Problem('key_reused');
    return made;
  },
  all: async () => {
    const workspaces = await registry.workspaces().catch((error: unknown) => {
      throw problemOfEngine(error, false);
    });
    return workspaces.toReversed();
  },
});
