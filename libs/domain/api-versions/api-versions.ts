/** A version of the API that shipped, as a tenant is told of it. */
export interface ReleaseFacts {
  /** Its date, which is its name. */
  readonly api_version: string;
  /** The version that was the newest until then. */
  readonly supersedes: string | null;
  /** Ids of the changes that break a client of that one. */
  readonly changes: readonly string[];
}

export interface ApiVersionEvent {
  readonly type: 'ApiVersionReleased';
  readonly data: { readonly release: ReleaseFacts };
}

/** The cold key under which a tenant was told of a version. */
export const releaseKey = (version: string): string => `apiver:${version}`;
