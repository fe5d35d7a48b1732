/** What is told of versions, as data: from their one list, so that nothing is told that does not hold. */
import type { Instant } from '#domain/time.js';
import { formatInstant } from '#domain/time.js';
import type { ApiVersion } from '../api-versions.js';
import type { Change } from './change.js';
import { startOf, statusAt, type VersionStatus } from './lifecycle.js';

export interface ChangeResource {
  readonly object: 'api_version_change';
  readonly id: string;
  readonly api_version: string;
  readonly breaks: readonly string[];
  readonly what: string;
  readonly why: string;
  readonly how: string;
  readonly details: readonly string[];
}

export interface VersionResource {
  readonly object: 'api_version';
  readonly id: string;
  readonly status: VersionStatus;
  readonly released_at: string;
  readonly deprecated_at: string | null;
  readonly ends_at: string | null;
  readonly successor: string | null;
  readonly changes: readonly ChangeResource[];
  readonly openapi_url: string;
  readonly docs_url: string;
  readonly migration_url: string | null;
}

export interface NoticeResource {
  readonly object: 'notice';
  readonly id: string;
  readonly type: 'api_version_released';
  /** The version that shipped. */
  readonly version: string;
  readonly title: string;
  readonly message: string;
  readonly url: string;
  readonly starts_at: string;
  readonly ends_at: string;
}

const detailsOf = ({ on }: Change): string[] =>
  on.flatMap((target) => {
    switch (target.kind) {
      case 'resource':
        return target.edits.map(({ told }) => `\`${target.tags.join('`, `')}\`: ${told}.`);
      case 'request_header':
        return [`\`${target.header}\` is required on each ${target.method} of the ${target.plane} plane.`];
      case 'webhook_header':
        return [`The webhook header \`${target.was}\` is called \`${target.now}\`.`];
    }
  });

export const renderChange = (change: Change, version: string): ChangeResource => ({
  object: 'api_version_change',
  id: change.id,
  api_version: version,
  breaks: change.breaks,
  what: change.what,
  why: change.why,
  how: change.how,
  details: detailsOf(change),
});

/** Newest first. `at`: milliseconds, by which their states are told. */
export const renderVersions = (versions: readonly ApiVersion[], at: Instant, base: string): VersionResource[] =>
  versions
    .map((version, i): VersionResource => {
      const { date, deprecated, ends, changes } = version;
      return {
        object: 'api_version',
        id: date,
        status: statusAt(version, i === versions.length - 1, at),
        released_at: date,
        deprecated_at: deprecated,
        ends_at: ends,
        successor: versions[i + 1]?.date ?? null,
        changes: changes.map((change) => renderChange(change, date)),
        openapi_url: `${base}/openapi/${date}.json`,
        docs_url: `${base}/docs/${date}`,
        migration_url: i === 0 ? null : `${base}/docs/migrations/${date}`,
      };
    })
    .reverse();

/** Changes that lie between two versions, oldest first; whichever comes first. */
export const changesBetween = (versions: readonly ApiVersion[], a: string, b: string): ChangeResource[] => {
  const [from, to] = a < b ? [a, b] : [b, a];
  return versions
    .filter(({ date }) => date > from && date <= to)
    .flatMap(({ date, changes }) => changes.map((change) => renderChange(change, date)));
};

const NOTICE_DAYS = 30;
const DAY_MS = 86_400_000;

/** For 30 days after a version shipped, admins are told of it. Newest first; the first version of all was nobody's news. */
export const noticesAt = (versions: readonly ApiVersion[], at: Instant, base: string): NoticeResource[] =>
  versions
    .slice(1)
    .filter(({ date }) => startOf(date) <= at && at < startOf(date) + NOTICE_DAYS * DAY_MS)
    .map(({ date, changes }): NoticeResource => ({
      object: 'notice',
      id: `api_version_${date}`,
      type: 'api_version_released',
      version: date,
      title: `API version ${date} has shipped`,
      message: changes.map(({ what }) => what).join(' '),
      url: `${base}/docs/migrations/${date}`,
      starts_at: formatInstant(startOf(date)),
      ends_at: formatInstant((startOf(date) + NOTICE_DAYS * DAY_MS) as Instant),
    }))
    .reverse();
