/** Operations on API versions: a tenant's own, and what is published of them. Rows of `operations.ts`. */
import { open, tenant, type Operation } from './operation-terms.js';
import { TO_VERSION } from './query-parameters.js';

const TAG = 'API versions';

export const VERSION_OPERATIONS = {
  pinApiVersion: tenant(
    TAG,
    'settings:manage',
    ['PUT /v1/tenant/api_version', 'tenant', 'Pin the version of calls that name none'],
    {
      body: 'PinApiVersionBody',
      entitlement: null,
      description:
        'From the next call on, on this instance, and within a second on the others. To roll back, pin the version before; ' +
        '`null` takes the pin away, and what was current when the tenant was created applies again. What was done stays.',
    },
  ),
  getVersionReport: tenant(
    TAG,
    null,
    ['GET /v1/tenant/version_report', 'version_report', 'Which breaking changes touch this tenant’s traffic'],
    {
      query: TO_VERSION,
      description:
        'Of the changes between the tenant’s version and `to`: which had anything to do in its calls, on which operations, ' +
        'how often, and when last. Attempts at webhook deliveries count as operations, `webhook` and the type of the event. ' +
        'Counted as it happens; what other instances counted follows within seconds.',
    },
  ),
  rehearseVersion: tenant(
    TAG,
    'settings:manage',
    [
      'POST /v1/tenant/version_rehearsals',
      'version_rehearsal',
      'Ask recent reads again in another version, and compare',
    ],
    {
      body: 'RehearseVersionBody',
      writes: false,
      sandboxOnly: true,
      description:
        'The reads that this key’s tenant made last, at most 50, are asked once more in the version that applies without a ' +
        'header and in `to`. What asked for something in free text is not kept. Sandbox tenants only.',
    },
  ),
  listNotices: tenant(TAG, null, ['GET /v1/notices', 'list:notice', 'What admins should be told now'], {
    description: 'A version that shipped is told here for 30 days.',
  }),
} as const satisfies Record<string, Operation>;

export const PUBLISHED_OPERATIONS = {
  listApiVersions: open(['GET /v1/api_versions', 'list:api_version', 'Every version, newest first'], { tag: TAG }),
  getApiVersion: open(['GET /v1/api_versions/{api_version}', 'api_version', 'A version, and what breaks in it'], {
    tag: TAG,
  }),
  diffApiVersions: open(
    [
      'GET /v1/api_versions/{api_version}/diff/{to_api_version}',
      'api_version_diff',
      'What differs between two versions: JSON, or a page for `Accept: text/html`',
    ],
    { tag: TAG, formats: ['application/json', 'text/html'] },
  ),
  getChangelog: open(
    [
      'GET /v1/changelog',
      'changelog',
      'Every change that breaks a client: JSON; Atom for `Accept: application/atom+xml`; a page for `text/html`',
    ],
    { tag: TAG, formats: ['application/json', 'application/atom+xml', 'text/html'] },
  ),
  getChangelogFeed: open(['GET /v1/changelog.atom', 'atom', 'The changelog as an Atom feed'], { tag: TAG }),
  getOpenApiOfVersion: open(['GET /openapi/{api_version}.json', 'openapi', 'The OpenAPI document of a version'], {
    tag: TAG,
  }),
  getReferenceOfVersion: open(['GET /docs/{api_version}', 'reference', 'The API reference of a version'], { tag: TAG }),
  getMigration: open(
    ['GET /docs/migrations/{api_version}', 'reference', 'How to come to a version from the one before'],
    { tag: TAG },
  ),
} as const satisfies Record<string, Operation>;
