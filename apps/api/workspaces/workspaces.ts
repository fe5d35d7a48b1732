import type { Call } from '#platform/http/call.js';

/** A workspace as the platform's stream tells of it. */
export interface Workspace {
  readonly workspaceId: string;
  /** Null where none was given, as of those that are made with their first tenant. */
  readonly name: string | null;
  /** Milliseconds. */
  readonly createdAt: number;
}

/** The workspaces of the installation, in the platform's stream (DECISIONS 4, 34). */
export interface Workspaces {
  /** The same key gives the same one again. Throws `Problem` where the key was used with another request. */
  create(call: Call, name: string): Promise<{ readonly workspace: Workspace; readonly replayed: boolean }>;
  /** All there are, newest first. */
  all(): Promise<readonly Workspace[]>;
}

/** `GET /api/v1/admin/workspaces/{workspace_id}`. */
export interface WorkspaceResource {
  readonly object: 'workspace';
  readonly id: string;
  readonly name: string | null;
  readonly created_at: string;
}

export const renderWorkspace = ({ workspaceId, name, createdAt }: Workspace): WorkspaceResource => ({
  object: 'workspace',
  id: workspaceId,
  name,
  created_at: new Date(createdAt).toISOString(),
});
