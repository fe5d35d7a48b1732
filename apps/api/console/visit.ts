import type { TenantResource } from '#contract/resources/tenant.js';
import type { NoticeResource } from '#contract/versions/published-versions.js';
import type { Answer, ApiCalls, Passed, Query } from './api-calls.js';
import type { Markup } from './html.js';
import type { Session } from './session-cookie.js';
import type { Zone } from './zone.js';

export interface OtherTenant {
  readonly tenant_id: string;
  readonly name: string | null;
  readonly environment: 'live' | 'sandbox' | null;
  readonly role: string;
  readonly is_current: boolean;
}

/** Of a user who signed in. */
export interface Me {
  readonly user: { readonly email: string | null; readonly full_name: string | null };
  readonly scopes: readonly string[];
  readonly tenants: readonly OtherTenant[];
}

/** One request of somebody who is signed in: what it asks for, and what each page of theirs shows. */
export class Visit {
  constructor(
    private readonly calls: ApiCalls,
    readonly session: Session,
    readonly ip: string,
    /** Path of the page, without query. */
    readonly path: string,
    readonly query: Readonly<Record<string, string>>,
    readonly params: Readonly<Record<string, string>>,
    readonly tenant: TenantResource,
    /** Null: an API key signed in. */
    readonly me: Me | null,
    readonly notices: readonly NoticeResource[],
    readonly zone: Zone,
    /** The installation's time of day when it came, ms since 1970. */
    readonly now: number,
  ) {}

  get<T>(path: string, query: Query = {}): Promise<Answer<T>> {
    return this.calls.get<T>({ bearer: this.session.bearer, ip: this.ip }, path, query);
  }

  put<T>(path: string, body: object): Promise<Answer<T>> {
    return this.calls.call<T>({ bearer: this.session.bearer, ip: this.ip }, 'PUT', path, { body });
  }

  file(path: string, accept: string, query: Query = {}): Promise<Passed> {
    return this.calls.file({ bearer: this.session.bearer, ip: this.ip }, path, accept, query);
  }

  /** Whether it makes sense to offer something; whether it is allowed, the API judges. A key's scopes are not known here. */
  mayHave(scope: string): boolean {
    return this.me === null || this.me.scopes.includes(scope);
  }

  /** The part of the query that filters a list. */
  filters(names: readonly string[]): Record<string, string> {
    return Object.fromEntries(names.flatMap((name) => (this.query[name] ? [[name, this.query[name]]] : [])));
  }

  /** This page with another query. */
  link(query: Query): string {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...this.query, ...query })) {
      if (value !== null && value !== undefined && value !== '') params.append(name, String(value));
    }
    return params.size === 0 ? this.path : `${this.path}?${params}`;
  }
}

/** What a page shows, without the frame around it. */
export interface Page {
  readonly title: string;
  readonly content: Markup;
  readonly status?: number;
}

export type PageOf = (visit: Visit) => Promise<Page>;
