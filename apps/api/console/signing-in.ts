import { ApiCalls, type Answer, type Refusal, type SessionTokens } from './api-calls.js';
import { hiddenToken } from './forms.js';
import { html } from './html.js';
import { begun, type Session } from './session-cookie.js';
import type { Page } from './visit.js';

/** Where to after signing in: a page of the console, whatever was asked for. */
export const placeAfter = (asked: string | undefined): string =>
  asked !== undefined && /^\/console(?:[/?][\x21-\x7e]*)?$/.test(asked) ? asked : '/console';

export interface SignInForm {
  readonly next?: string | undefined;
  readonly email?: string | undefined;
  readonly reason?: string | undefined;
}

export const signInPage = ({ formToken }: Session, { next, email, reason }: SignInForm, status = 200): Page => ({
  title: 'Sign in',
  status,
  content: html`<h1>Finance console</h1>
    <p class="lead">Reads the books of your tenant, as its API does.</p>
    ${reason && html`<p class="banner warning" role="alert">${reason}</p>`}
    <form class="sign-in" method="post" action="/console/sign-in">
      ${hiddenToken(formToken)}<input type="hidden" name="next" value="${placeAfter(next)}" />
      <h2>With your address</h2>
      <label for="email">E-mail address</label>
      <input id="email" name="email" type="email" value="${email}" autocomplete="username" required />
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
      <button type="submit">Sign in</button>
    </form>
    <form class="sign-in" method="post" action="/console/sign-in">
      ${hiddenToken(formToken)}<input type="hidden" name="next" value="${placeAfter(next)}" />
      <h2>With an API key</h2>
      <label for="api_key">API key</label>
      <input id="api_key" name="api_key" type="password" autocomplete="off" spellcheck="false" required />
      <button class="second" type="submit">Sign in with the key</button>
      <p class="hint">It is kept sealed in a cookie that no script can read, for at most twelve hours.</p>
    </form>`,
});

export type SignedIn = { readonly session: Session } | { readonly refusal: Refusal };

const sessionOf = (answer: Answer<SessionTokens>): SignedIn =>
  answer.refusal === null ? { session: withTokens(begun('user', ''), answer.body) } : answer;

export const withTokens = (session: Session, tokens: SessionTokens): Session => ({
  ...session,
  bearer: tokens.access_token,
  refreshToken: tokens.refresh_token,
  freshUntil: Date.now() + tokens.expires_in * 1_000,
});

/** The doors of the API that the console's own lead through. */
export class SigningIn {
  constructor(private readonly calls: ApiCalls) {}

  async byPassword(ip: string, email: string, password: string): Promise<SignedIn> {
    const body = { email, password };
    return sessionOf(await this.calls.call({ bearer: '', ip }, 'POST', '/api/v1/auth/login', { body }));
  }

  async byKey(ip: string, key: string): Promise<SignedIn> {
    // What is no header would be no key either.
    const bearer = /^[\x21-\x7e]{1,200}$/.test(key) ? key : '-';
    const { refusal } = await this.calls.get({ bearer, ip }, '/v1/tenant');
    return refusal === null ? { session: begun('key', bearer) } : { refusal };
  }

  /** Into another tenant of the workspace: that session is another one, and this one is over. */
  async elsewhere(ip: string, session: Session, tenantId: string): Promise<SignedIn> {
    const caller = { bearer: session.bearer, ip };
    const found = sessionOf(
      await this.calls.call(caller, 'POST', '/api/v1/auth/switch', { body: { tenant_id: tenantId } }),
    );
    if ('session' in found) await this.out(ip, session);
    return found;
  }

  async out(ip: string, { kind, refreshToken }: Session): Promise<void> {
    if (kind !== 'user') return;
    await this.calls.call({ bearer: '', ip }, 'POST', '/api/v1/auth/logout', { body: { refresh_token: refreshToken } });
  }
}
