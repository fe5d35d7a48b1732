import { hiddenToken } from './forms.js';
import { html, NOTHING, type Child, type Markup } from './html.js';
import type { Page, Visit } from './visit.js';

/** Pages of the console in the order of its menu, with what their reader must be granted. */
const MENU: readonly (readonly [path: string, title: string, ...scopes: readonly string[]])[] = [
  ['/console', 'Overview'],
  ['/console/trial-balance', 'Trial balance', 'accounts:read'],
  ['/console/accounts', 'Accounts', 'accounts:read'],
  ['/console/transactions', 'Transactions', 'transactions:read'],
  ['/console/card-transactions', 'Card transactions', 'cards:read'],
  ['/console/settlements', 'Settlements', 'settlements:read'],
  ['/console/months', 'Months', 'settlements:read'],
  ['/console/liquidity', 'Liquidity', 'liquidity:read'],
  ['/console/events', 'Event stream', 'ledger:audit', 'events:read'],
  ['/console/versions', 'API version'],
];

const isWithin = (place: string, path: string): boolean =>
  place === '/console' ? path === place : path === place || path.startsWith(`${place}/`);

const menu = (visit: Visit): Markup => {
  const shown = MENU.filter(([, , ...scopes]) => scopes.length === 0 || scopes.some((scope) => visit.mayHave(scope)));
  return html`<nav class="menu" aria-label="Console">
    <ul>
      ${shown.map(
        ([path, title]) =>
          html`<li><a href="${path}" ${isWithin(path, visit.path) && html`aria-current="page"`}>${title}</a></li>`,
      )}
    </ul>
  </nav>`;
};

const nameOf = (name: string | null, id: string): string => name ?? id;

const others = ({ me, session }: Visit): Markup => {
  const reachable = me?.tenants.filter(({ is_current }) => !is_current) ?? [];
  if (reachable.length === 0) return NOTHING;
  return html`<form method="post" action="/console/switch">
    ${hiddenToken(session.formToken)}
    <p class="hint" id="switch-hint">Go to another tenant of the workspace</p>
    ${reachable.map(
      (one) =>
        html`<button name="tenant_id" value="${one.tenant_id}" aria-describedby="switch-hint">
          ${nameOf(one.name, one.tenant_id)} <small>${one.environment}, ${one.role}</small>
        </button>`,
    )}
  </form>`;
};

const who = (visit: Visit): Markup => {
  const { tenant, me, session } = visit;
  const role = me?.tenants.find(({ is_current }) => is_current)?.role;
  return html`<details class="who">
    <summary>
      <span class="tenant">${nameOf(tenant.name, tenant.id)}</span>
      <span class="environment ${tenant.environment}">${tenant.environment}</span>
    </summary>
    <div class="card">
      <p>${me === null ? 'Signed in with an API key' : html`${me.user.full_name ?? me.user.email}, ${role}`}</p>
      <p class="id">${tenant.id}</p>
      ${others(visit)}
      <form method="post" action="/console/sign-out">
        ${hiddenToken(session.formToken)}<button class="quiet" type="submit">Sign out</button>
      </form>
    </div>
  </details>`;
};

const banners = ({ notices, tenant }: Visit): Markup =>
  html`${
    tenant.status !== 'active' &&
    html`<p class="banner warning" role="status">This tenant is ${tenant.status}: it can be read, not written.</p>`
  }
  ${notices.map(
    ({ title, message }) =>
      html`<p class="banner" role="status">
        <strong>${title}</strong> ${message} <a href="/console/versions">What it means for you</a>
      </p>`,
  )}`;

const search = (query: string | undefined): Markup =>
  html`<form class="find" role="search" action="/console/search" method="get" aria-label="Everything">
    <label class="unseen" for="q">Search by id, account code, reference of a transaction or payment, or revision</label>
    <input
      id="q"
      name="q"
      type="search"
      value="${query}"
      placeholder="Id, account code, reference"
      autocomplete="off"
      spellcheck="false"
    />
  </form>`;

const document = (style: string, title: string, body: Child): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Daybook</title>
        <link rel="icon" type="image/svg+xml" href="/console/icon.svg" />
        <link rel="stylesheet" href="${style}" />
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        ${body}
      </body>
    </html> `.text;

/** `style`: where the stylesheet is. */
export class Frame {
  constructor(private readonly style: string) {}

  /** A page of somebody who is signed in. */
  around(visit: Visit, { title, content }: Page): string {
    const { zone, now, tenant } = visit;
    return document(
      this.style,
      `${title} · ${nameOf(tenant.name, tenant.id)}`,
      html`<header class="top">
          <a class="wordmark" href="/console">Daybook</a>
          ${search(visit.query.q)} ${who(visit)}
        </header>
        <div class="page">
          ${menu(visit)}
          <main id="content" tabindex="-1">${banners(visit)}${content}</main>
        </div>
        <footer>
          <p>
            Times are in <strong>${zone.name}</strong> (${zone.offset(now)}). This page was made at ${zone.text(now)}
            for ${nameOf(tenant.name, tenant.id)}.
          </p>
        </footer>`,
    );
  }

  /** A page for anybody. */
  alone({ title, content }: Page): string {
    return document(
      this.style,
      title,
      html`<main id="content" class="alone" tabindex="-1">
        <p class="wordmark">Daybook</p>
        ${content}
      </main>`,
    );
  }
}
