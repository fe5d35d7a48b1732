import type { ReleaseFacts } from '#domain/api-versions/api-versions.js';

/** A version that shipped, as events tell it; `GET /v1/api_versions/{id}` says all of it. */
export interface ReleaseResource {
  readonly object: 'api_version_release';
  readonly id: string;
  readonly supersedes: string | null;
  readonly changes: readonly string[];
}

export const renderRelease = ({ api_version, supersedes, changes }: ReleaseFacts): ReleaseResource => ({
  object: 'api_version_release',
  id: api_version,
  supersedes,
  changes,
});
