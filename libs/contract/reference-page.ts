/** The API reference: one page, no script that loads anything, readable without one. */
import type { Operation } from './operation-terms.js';
import { OPERATION_NAMES, operationOf, type OperationName } from './operations.js';
import { refusalsOf } from './openapi.js';
import { ERRORS, statusOf, type ErrorCode, type ErrorTerms } from './problems.js';
import { answerSchema } from './resource-schemas.js';
import type { Schema } from './schema-words.js';
import { ROLE_SUMMARIES, rolesWith } from './roles.js';
import { PERMISSIONS, SCOPES } from './scopes.js';

type Document = Readonly<Record<string, unknown>> & {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
};

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => ESCAPES[found] as string);
/** Code in back quotes, and nothing else of Markdown. */
const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const slug = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');

const typeText = (schema: Schema): string => {
  const {
    $ref,
    type,
    enum: values,
    const: only,
    items,
    format,
    pattern,
  } = schema as {
    $ref?: string;
    type?: string | string[];
    enum?: unknown[];
    const?: string;
    items?: Schema;
    format?: string;
    pattern?: string;
  };
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) as string;
    return `<a href="#schema-${name}">${escaped(name)}</a>`;
  }
  if (only !== undefined) return `<code>${escaped(only)}</code>`;
  if (values !== undefined && values.length <= 40)
    return values.map((value) => `<code>${escaped(String(value))}</code>`).join(' ');
  if (items !== undefined) return `list of ${typeText(items)}`;
  const base = Array.isArray(type) ? type.join(' or ') : (type ?? 'any');
  return escaped(
    format === undefined
      ? pattern === undefined || pattern.length > 60
        ? base
        : `${base} ${pattern}`
      : `${base}, ${format}`,
  );
};

const bounds = (schema: Schema): string => {
  const said: string[] = [];
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema as Record<string, number | undefined>;
  if (minimum !== undefined) said.push(`≥ ${minimum}`);
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) said.push(`≤ ${maximum}`);
  if (maxLength !== undefined) said.push(`${minLength ?? 0}–${maxLength} characters`);
  if (maxItems !== undefined) said.push(`${minItems ?? 0}–${maxItems} of them`);
  return said.join(', ');
};

const fieldRows = (schema: Schema, prefix = ''): string => {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, Schema>; required?: string[] };
  return Object.entries(properties)
    .map(([name, field]) => {
      const { description = '', items } = field as { description?: string; items?: Schema };
      const nested = 'properties' in field ? field : items !== undefined && 'properties' in items ? items : null;
      const path = `${prefix}${name}`;
      const inner = nested === null ? '' : fieldRows(nested, `${path}${nested === items ? '[]' : ''}.`);
      return `<tr><td><code>${escaped(path)}</code>${required.includes(name) ? ' <b title="required">•</b>' : ''}</td>
<td>${nested === null ? typeText(field) : nested === items ? 'list of objects' : 'object'}</td><td>${prose(description)} <i>${escaped(bounds(field))}</i></td></tr>${inner}`;
    })
    .join('\n');
};

const table = (schema: Schema): string =>
  `<table><thead><tr><th>Field</th><th>Type</th><th></th></tr></thead><tbody>${fieldRows(schema)}</tbody></table>`;

const rightOf = (operation: Operation): string => {
  if (operation.plane === 'tenant') {
    const scope = operation.scope === null ? 'any API key' : `scope <code>${operation.scope}</code>`;
    return `${scope}; roles ${rolesWith(operation).join(', ')}`;
  }
  if (operation.plane === 'auth') return operation.user ? 'a user who signed in' : 'what is in the body';
  return operation.plane === 'admin' ? `permission <code>${operation.permission}</code>` : 'open to all';
};

const queryTable = ({ query }: Operation): string => {
  if (query === undefined) return '';
  const rows = Object.entries(query).map(
    ([name, { schema, description }]) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${typeText(schema)}</td><td>${prose(description)} <i>${escaped(bounds(schema))}</i></td></tr>`,
  );
  return `<h4>Query</h4><table><tbody>${rows.join('\n')}</tbody></table>`;
};

const operationSection = (name: OperationName, schemas: Readonly<Record<string, Schema>>): string => {
  const operation = operationOf(name);
  const answer = operation.answers === null ? null : answerSchema(operation.answers);
  const body = operation.body === undefined ? undefined : schemas[operation.body];
  const answered =
    answer === null
      ? ''
      : `<h4>Answer ${operation.status}</h4>${'$ref' in answer ? `<p>${typeText(answer)}</p>` : table(answer)}`;
  return `<section class="op" id="${name}" data-find="${escaped(`${operation.path} ${operation.summary} ${name}`.toLowerCase())}">
<h3><span class="m ${operation.method}">${operation.method}</span> <code>${escaped(operation.path)}</code></h3>
<p>${prose(operation.summary)}. ${rightOf(operation)}.</p>${operation.description === undefined ? '' : `<p>${prose(operation.description)}</p>`}
${queryTable(operation)}${body === undefined || !('properties' in body) ? '' : `<h4>Body${operation.bodyOptional ? ' (may be left out)' : ''}</h4>${table(body)}`}
${answered}<p class="s">Refusals: ${refusalsOf(name).join(', ') || 'none'}</p></section>`;
};

const errorRows = (): string =>
  (Object.keys(ERRORS) as ErrorCode[])
    .sort()
    .map((code) => {
      const terms: ErrorTerms = ERRORS[code];
      return `<tr id="error-${code}" data-find="${code}"><td><code>${code}</code></td><td>${statusOf(code)} <code>${terms.type}</code></td><td>${prose(terms.message)}</td></tr>`;
    })
    .join('\n');

const wordRows = (words: Readonly<Record<string, string>>): string =>
  Object.entries(words)
    .map(([word, meaning]) => `<tr><td><code>${word}</code></td><td>${prose(meaning)}</td></tr>`)
    .join('\n');

const STYLE = `:root{color-scheme:light dark;--line:#8884;--dim:#888}*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;display:grid;grid-template-columns:18rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;border-right:1px solid var(--line);font-size:.9rem}
nav a{display:block;text-decoration:none;padding:.1rem 0}nav b{display:block;margin-top:.8rem}main{padding:1rem 2rem;max-width:60rem}
input{width:100%;padding:.4rem;font:inherit}table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.9rem;display:block;overflow-x:auto}
td,th{border-bottom:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}code{font-size:.9em}
.op{border-top:1px solid var(--line);padding-top:.5rem;margin-top:1.5rem}.m{font:bold .8rem monospace;padding:.1rem .4rem;border:1px solid;border-radius:.3rem}
.GET{color:#2a7}.POST{color:#37c}.PUT,.PATCH{color:#b70}.DELETE{color:#c33}.s,i{color:var(--dim)}[hidden]{display:none}
:target{outline:2px solid #37c;outline-offset:4px}@media(max-width:50rem){body{display:block}nav{position:static;height:auto;max-height:40vh}main{padding:1rem}}`;

// Hides what does not hold every word; without a script the page simply shows all.
const SCRIPT = `const box=document.getElementById('find');box.hidden=false;box.addEventListener('input',()=>{
const words=box.value.toLowerCase().split(/\\s+/);
for(const one of document.querySelectorAll('[data-find]'))one.hidden=!words.every(word=>one.dataset.find.includes(word))})`;

/** The reference as HTML. */
export const referencePage = (document: Document): string => {
  const { schemas } = document.components;
  const tags = [...new Set(OPERATION_NAMES.map((name) => operationOf(name).tag))];
  const of = (tag: string): OperationName[] => OPERATION_NAMES.filter((name) => operationOf(name).tag === tag);
  const menu = tags.map(
    (tag) =>
      `<b>${escaped(tag)}</b>${of(tag)
        .map(
          (name) =>
            `<a href="#${name}" data-find="${escaped(`${operationOf(name).path} ${operationOf(name).summary}`.toLowerCase())}">${escaped(operationOf(name).summary)}</a>`,
        )
        .join('')}`,
  );
  const sections = tags.map(
    (tag) =>
      `<h2 id="${slug(tag)}">${escaped(tag)}</h2>${of(tag)
        .map((name) => operationSection(name, schemas))
        .join('\n')}`,
  );
  const resources = Object.entries(schemas)
    .filter(([name]) => !name.endsWith('Body'))
    .map(
      ([name, schema]) =>
        `<section class="op" id="schema-${name}" data-find="${name}"><h3><code>${name}</code></h3>${table(schema)}</section>`,
    );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(document.info.title)} API reference</title><style>${STYLE}</style></head><body>
<nav><input id="find" type="search" placeholder="Find" aria-label="Find" hidden>${menu.join('')}<b><a href="#resources">Resources</a></b>
<b><a href="#errors">Errors</a></b><b><a href="#scopes">Scopes</a></b></nav>
<main><h1>${escaped(document.info.title)}</h1><p>Version ${escaped(document.info.version)} · <a href="/openapi/${document.info.version}.json">OpenAPI 3.1</a> · <a href="/v1/changelog">Changelog</a></p>
<p>${prose(document.info.description)}</p>${sections.join('\n')}
<h2 id="resources">Resources</h2>${resources.join('\n')}
<h2 id="errors">Errors</h2><p>Every error is <code>{"error": {type, code, message, param, request_id, docs_url}}</code>. Codes may be added to a type; none is renamed.</p>
<table><tbody>${errorRows()}</tbody></table>
<h2 id="scopes">Scopes of API keys</h2><table><tbody>${wordRows(SCOPES)}</tbody></table>
<h2 id="roles">Roles of users</h2><p>A user may call what needs one of their role’s scopes.</p><table><tbody>${wordRows(ROLE_SUMMARIES)}</tbody></table>
<h2 id="permissions">Permissions of operators</h2><table><tbody>${wordRows(PERMISSIONS)}</tbody></table></main>
<script>${SCRIPT}</script></body></html>`;
};
