import type { VersionResource } from '#contract/versions/published-versions.js';
import { bodyOf, Refused } from '../api-calls.js';
import { countText } from '../figures.js';
import { hiddenToken } from '../forms.js';
import { html, type Markup } from '../html.js';
import { facts, status, table, type List } from '../parts.js';
import type { PageOf, Visit } from '../visit.js';
import { dayText } from '../zone.js';

interface Report {
  readonly from: string;
  readonly to: string;
  readonly changes_between: number;
  readonly changes_touched: number;
}

/** Whose choice it is. What a key may, is for its owner's programs. */
const mayPin = ({ me }: Visit): boolean =>
  ['owner', 'admin'].includes(me?.tenants.find(({ is_current }) => is_current)?.role ?? '');

const pinForm = (visit: Visit, versions: readonly VersionResource[]): Markup => {
  const { pinned_api_version: pinned } = visit.tenant;
  return html`<form class="query" method="post" action="/console/versions">
    ${hiddenToken(visit.session.formToken)}
    <div class="field">
      <label for="version">Calls that name no version are answered in</label>
      <select id="version" name="version">
        <option value="" ${pinned === null && html`selected`}>the version of the tenant’s beginning</option>
        ${versions
          .filter((version) => version.status !== 'retired')
          .map(
            ({ id, status: state }) =>
              html`<option value="${id}" ${pinned === id && html`selected`}>${id} (${state})</option>`,
          )}
      </select>
    </div>
    <div class="field"><button type="submit">Pin</button></div>
  </form>`;
};

const day = (date: string | null): string => (date === null ? '–' : dayText(date));

const touching = (report: Report): string => {
  if (report.changes_between === 0) return 'It is the newest one.';
  const { changes_between: all, changes_touched: touched } = report;
  return `Of the ${countText(all)} changes between ${report.from} and ${report.to}, ${countText(touched)} had anything to do in this tenant’s calls.`;
};

export const versions: PageOf = async (visit) => {
  const [known, report] = await Promise.all([
    visit.get<List<VersionResource>>('/v1/api_versions'),
    visit.get<Report>('/v1/tenant/version_report'),
  ]);
  const { data } = bodyOf(known);
  const { tenant } = visit;
  return {
    title: 'API version',
    content: html`<h1>API version</h1>
      <p class="lead">
        ${tenant.api_version}${tenant.pinned_api_version ? ', pinned' : ', current when the tenant was made'}
      </p>
      ${visit.query.pinned !== undefined && html`<p class="banner" role="status">From now on it is ${tenant.api_version}.</p>`}
      ${facts([
        ['In force', tenant.api_version],
        ['Pinned', tenant.pinned_api_version ?? 'none'],
        report.refusal === null ? ['What an upgrade touches', touching(report.body)] : null,
      ])}
      ${mayPin(visit) ? pinForm(visit, data) : html`<p class="hint">An owner or an admin of the tenant can pin another one.</p>`}
      ${table({
        caption: 'Versions',
        columns: [
          { title: 'Version' },
          { title: 'Status' },
          { title: 'Served until' },
          { title: 'Breaking changes', numeric: true },
          { title: 'To read' },
        ],
        rows: data.map((version) => [
          html`<strong>${version.id}</strong>`,
          status(version.status),
          day(version.ends_at),
          version.changes.length,
          html`<a href="/docs/${version.id}">Reference</a>${
              version.migration_url !== null && html`, <a href="/docs/migrations/${version.id}">how to come here</a>`
            }`,
        ]),
      })}`,
  };
};

/** Pins what the form names, as its sender; answers where they are led. Throws `Refused`. */
export const pinVersion = async (visit: Visit, fields: Readonly<Record<string, string>>): Promise<string> => {
  const { refusal } = await visit.put('/v1/tenant/api_version', { version: fields.version || null });
  if (refusal !== null) throw new Refused(refusal);
  return '/console/versions?pinned=1';
};
