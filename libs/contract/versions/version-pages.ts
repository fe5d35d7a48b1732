/** What is told of versions, for readers: pages without a script or anything from elsewhere, and a feed. */
import { BREAK_CLASSES, type BreakClass } from './change.js';
import type { Difference } from './differences.js';
import { isBreaking } from './differences.js';
import type { ChangeResource, VersionResource } from './published-versions.js';
import type { Sample } from './samples.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => ESCAPES[found] as string);
const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const STYLE = `:root{color-scheme:light dark;--line:#8884;--dim:#888}body{margin:2rem auto;max-width:60rem;padding:0 1rem;font:16px/1.5 system-ui,sans-serif}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.9rem}td,th{border-bottom:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}
pre{border:1px solid var(--line);padding:.6rem;overflow-x:auto;font-size:.85rem}.two{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.s{color:var(--dim)}
code{font-size:.9em}@media(max-width:50rem){.two{display:block}}`;

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<p class="s"><a href="/docs">Reference</a> · <a href="/v1/changelog">Changelog</a></p><h1>${escaped(title)}</h1>${body}</body></html>`;

const impacts = (breaks: readonly string[]): string =>
  breaks.map((name) => escaped(BREAK_CLASSES[name as BreakClass])).join('<br>');

const changeRows = (changes: readonly ChangeResource[]): string =>
  `<table><thead><tr><th>Change</th><th>Type</th><th>Impact</th></tr></thead><tbody>${changes
    .map(({ id, what, breaks }) => {
      const types = breaks.map((name) => `<code>${name}</code>`).join(' ');
      return `<tr><td><a href="#${id}">${prose(what)}</a></td><td>${types}</td><td>${impacts(breaks)}</td></tr>`;
    })
    .join('\n')}</tbody></table>`;

const LONG = 8;
/** Lists that are long say how long. */
const shown = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const cut = (_: string, one: unknown): unknown =>
    Array.isArray(one) && one.length > LONG
      ? [...(one.slice(0, LONG) as unknown[]), `… ${one.length - LONG} more`]
      : one;
  return JSON.stringify(value, cut, 2);
};

const sampleBlock = ({ title, before, after }: Sample, from: string, to: string): string =>
  `<h4>${escaped(title)}</h4><div class="two"><div>${from}<pre>${escaped(shown(before))}</pre></div>
<div>${to}<pre>${escaped(shown(after))}</pre></div></div>`;

const changeSection = (change: ChangeResource, samples: readonly Sample[], from: string): string =>
  `<section id="${change.id}"><h2>${prose(change.what)}</h2>
<h3>Why</h3><p>${prose(change.why)}</p><h3>How to fix</h3><p>${prose(change.how)}</p>
<ul>${change.details.map((detail) => `<li>${prose(detail)}</li>`).join('')}</ul>
${samples.map((sample) => sampleBlock(sample, from, change.api_version)).join('\n')}</section>`;

/** How to come to a version from the one before it. */
export const migrationPage = (
  version: VersionResource,
  before: VersionResource,
  samples: ReadonlyMap<string, readonly Sample[]>,
  versionHeader: string,
): string => {
  const end = before.ends_at === null ? 'has no end yet' : `is served until ${before.ends_at}`;
  return page(
    `From ${before.id} to ${version.id}`,
    `<h2>What changed</h2>${changeRows(version.changes)}
${version.changes.map((change) => changeSection(change, samples.get(change.id) ?? [], before.id)).join('\n')}
<h2>When you can ship</h2><p>Whenever you like: ${before.id} ${end}. Try it call by call with
<code>${escaped(versionHeader)}: ${version.id}</code> in your sandbox; ask <code>GET /v1/tenant/version_report?to=${version.id}</code>
which of these changes touch your traffic, and <code>POST /v1/tenant/version_rehearsals</code> what your reads would answer. Then
<code>PUT /v1/tenant/api_version</code>, in the sandbox first. To roll back, pin ${before.id} again.</p>`,
  );
};

const lifeOf = ({ status, deprecated_at, ends_at }: VersionResource): string =>
  [
    status,
    deprecated_at === null ? '' : `deprecated since ${deprecated_at}`,
    ends_at === null ? '' : `ends on ${ends_at}`,
  ]
    .filter(Boolean)
    .join(', ');

export const changelogPage = (versions: readonly VersionResource[]): string =>
  page(
    'Changelog',
    versions
      .map(
        (version) =>
          `<section><h2>${version.id}</h2><p class="s">${lifeOf(version)}</p>${
            version.changes.length === 0 ? '<p>The first version.</p>' : changeRows(version.changes)
          }${version.migration_url === null ? '' : `<p><a href="/docs/migrations/${version.id}">How to migrate</a></p>`}</section>`,
      )
      .join('\n'),
  );

export const diffPage = (
  from: string,
  to: string,
  changes: readonly ChangeResource[],
  differences: readonly Difference[],
): string => {
  const rows = (list: readonly Difference[]): string =>
    `<table><tbody>${list
      .map(
        ({ kind, at, detail }) =>
          `<tr><td><code>${kind}</code></td><td>${escaped(at)}</td><td>${escaped(detail)}</td></tr>`,
      )
      .join('\n')}</tbody></table>`;
  return page(
    `${from} and ${to}`,
    `<h2>What was changed</h2>${changeRows(changes)}
<h2>What breaks, as a program finds it</h2>${rows(differences.filter(isBreaking))}
<h2>What else differs</h2>${rows(differences.filter((one) => !isBreaking(one)))}`,
  );
};

/** RFC 4287. `base`: the installation's own address. */
export const changelogFeed = (versions: readonly VersionResource[], base: string): string => {
  const updated =
    versions
      .map(({ id, deprecated_at }) => deprecated_at ?? id)
      .sort()
      .at(-1) ?? '1970-01-01';
  const entries = versions.map((version) => {
    const told = version.changes.map(({ what }) => `<li>${prose(what)}</li>`).join('');
    const content = `<p>${lifeOf(version)}</p><ul>${told}</ul>`;
    return `<entry><id>${base}/v1/api_versions/${version.id}</id><title>API version ${version.id}</title>
<updated>${version.deprecated_at ?? version.id}T00:00:00Z</updated><published>${version.id}T00:00:00Z</published>
<link rel="alternate" href="${version.migration_url ?? version.docs_url}"/><content type="html">${escaped(content)}</content></entry>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>${base}/v1/changelog</id><title>API changelog</title><author><name>Daybook</name></author>
<updated>${updated}T00:00:00Z</updated><link rel="self" href="${base}/v1/changelog.atom"/>${entries.join('\n')}</feed>`;
};
