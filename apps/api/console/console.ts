import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { TenantResource } from '#contract/resources/tenant.js';
import type { NoticeResource } from '#contract/versions/published-versions.js';
import { clientAddress } from '#platform/http/request-form.js';
import { ApiCalls, bodyOf, Redirected, Refreshing, Refused, type Answer } from './api-calls.js';
import { FILES } from './files.js';
import { Frame } from './frame.js';
import { notFoundPage, refusedPage, brokenPage, staleFormPage } from './failures.js';
import { PAGES } from './pages.js';
import { isFormOf, SessionCookies, strangersSession, type Session } from './session-cookie.js';
import { placeAfter, signInPage, SigningIn, withTokens } from './signing-in.js';
import { pinVersion } from './pages/versions.js';
import { Visit, type Me, type Page, type PageOf } from './visit.js';
import { Zone } from './zone.js';

export interface ConsoleOptions {
  /** Puts a request to the API in this process. */
  readonly inject: () => FastifyInstance['inject'];
  /** 32 bytes: sessions are sealed with it. The same on all instances. */
  readonly key: Uint8Array;
  readonly versionHeader: string;
  readonly trustedProxies: readonly string[];
  /** Business time, ms since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

const MAX_FORM_BYTES = 16_384;
const MAX_ID = 200;
/** An access token that ends sooner is renewed before it is used. */
const EARLY_MS = 30_000;

const fileOf = (name: string): Buffer => readFileSync(new URL(name, import.meta.url));

/** One sheet, in the order in which its rules are to hold. */
const STYLE = Buffer.concat(
  ['ground', 'frame', 'words', 'figures', 'forms', 'chart', 'media'].map((name) => fileOf(`style/${name}.css`)),
);
const ICON = fileOf('icon.svg');
const STYLE_PATH = `/console/console.${createHash('sha256').update(STYLE).digest('hex').slice(0, 12)}.css`;

/** No script at all, and nothing from anywhere else. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

type Form = Readonly<Record<string, string>>;

/** Whether a request is the console's to answer. */
export const isOfConsole = (url = ''): boolean => /^\/console(?:[/?#]|$)/.test(url);

const firstOf = (query: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries((query ?? {}) as Record<string, string | string[]>).map(([name, value]) => [
      name,
      Array.isArray(value) ? (value[0] ?? '') : value,
    ]),
  );

const isSecure = (request: FastifyRequest): boolean => request.protocol === 'https';

const ipOf = (request: FastifyRequest): string => clientAddress(request) ?? '0.0.0.0';

/** A form that another site's page sends says so, where the browser is not older than that. */
const isFromElsewhere = ({ headers }: FastifyRequest): boolean => {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
};

/** The finance console: an application of its own beside the API, which asks it for everything with its reader's credential. */
export class Console {
  readonly app: FastifyInstance;
  /** Every route there is, for the test that asks each of them as a stranger. */
  readonly routes: { readonly method: string; readonly url: string }[] = [];
  readonly #calls: ApiCalls;
  readonly #refreshing: Refreshing;
  readonly #cookies: SessionCookies;
  readonly #signingIn: SigningIn;
  readonly #frame = new Frame(STYLE_PATH);

  constructor(private readonly options: ConsoleOptions) {
    this.#calls = new ApiCalls(options.inject, options.versionHeader);
    this.#refreshing = new Refreshing(this.#calls);
    this.#cookies = new SessionCookies(options.key);
    this.#signingIn = new SigningIn(this.#calls);
    this.app = fastify({
      logger: false,
      bodyLimit: MAX_FORM_BYTES,
      trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
      return503OnClosing: false,
      routerOptions: { maxParamLength: MAX_ID },
      frameworkErrors: (error, _request, reply) => void this.#fail(error, reply),
    });
    this.#install();
  }

  #install(): void {
    const { app } = this;
    app.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) this.routes.push({ method: one, url });
    });
    app.addHook('onSend', (_request, reply, payload, done) => {
      for (const [name, value] of Object.entries(HEADERS)) {
        if (!reply.hasHeader(name)) void reply.header(name, value);
      }
      done(null, payload);
    });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(body as string))),
    );
    app.setErrorHandler((error, _request, reply) => this.#fail(error as Error, reply));
    app.setNotFoundHandler((request, reply) => this.#shown(request, reply, () => Promise.resolve(notFoundPage())));
    this.#assets();
    this.#doors();
    for (const [path, page] of Object.entries(PAGES)) {
      app.get(path, (request, reply) => this.#shown(request, reply, page));
    }
    for (const [path, file] of Object.entries(FILES)) {
      app.get(path, (request, reply) =>
        this.#visited(request, reply, async (visit) => {
          const { name, passed } = await file(visit);
          void reply.type(passed.type).header('content-disposition', `attachment; filename="${name}"`);
          void reply.send(passed.stream);
        }),
      );
    }
    app.post('/console/versions', (request, reply) => this.#posted(request, reply, pinVersion));
  }

  #assets(): void {
    const kept = 'public, max-age=31536000, immutable';
    this.app.get(STYLE_PATH, (_request, reply) =>
      reply.header('cache-control', kept).type('text/css; charset=utf-8').send(STYLE),
    );
    this.app.get('/console/icon.svg', (_request, reply) =>
      reply.header('cache-control', 'public, max-age=86400').type('image/svg+xml').send(ICON),
    );
  }

  #doors(): void {
    this.app.get('/console/sign-in', async (request, reply) => {
      const { next, ended } = firstOf(request.query);
      const known = await this.#cookies.read(request.headers.cookie);
      if (known !== null && known.kind !== 'none') return reply.redirect(placeAfter(next), 303);
      // The one there is, or another window's form would be of no session.
      const session = known ?? strangersSession();
      await this.#keep(request, reply, session);
      const reason = ended === undefined ? undefined : 'Your session has ended. Sign in again to go on.';
      return this.#send(reply, signInPage(session, { next, reason }));
    });
    this.app.post('/console/sign-in', async (request, reply) => {
      const form = await this.#form(request, reply);
      if (form === null) return reply;
      const { email, password, api_key, next } = form.fields;
      const ip = ipOf(request);
      const found =
        api_key === undefined
          ? await this.#signingIn.byPassword(ip, email ?? '', password ?? '')
          : await this.#signingIn.byKey(ip, api_key.trim());
      if ('refusal' in found) {
        const { message, status } = found.refusal;
        return this.#send(reply, signInPage(form.session, { next, email, reason: message }, status));
      }
      await this.#keep(request, reply, found.session);
      return reply.redirect(placeAfter(next), 303);
    });
    this.app.post('/console/sign-out', async (request, reply) => {
      const form = await this.#form(request, reply);
      if (form === null) return reply;
      await this.#signingIn.out(ipOf(request), form.session);
      void reply.header('set-cookie', this.#cookies.taken(isSecure(request)));
      return reply.redirect('/console/sign-in', 303);
    });
    this.app.post('/console/switch', (request, reply) =>
      this.#posted(request, reply, async (visit, { tenant_id = '' }) => {
        const found = await this.#signingIn.elsewhere(visit.ip, visit.session, tenant_id);
        if ('refusal' in found) throw new Refused(found.refusal);
        await this.#keep(request, reply, found.session);
        return '/console';
      }),
    );
  }

  async #keep(request: FastifyRequest, reply: FastifyReply, session: Session): Promise<void> {
    void reply.header('set-cookie', await this.#cookies.written(session, isSecure(request)));
  }

  /** The form that was sent, if it is one of this session's; else it is refused here. */
  async #form(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ readonly session: Session; readonly fields: Form } | null> {
    const session = await this.#cookies.read(request.headers.cookie);
    const fields = (request.body ?? {}) as Form;
    if (session !== null && isFormOf(session, fields.form_token) && !isFromElsewhere(request)) {
      return { session, fields };
    }
    this.#send(reply, staleFormPage());
    return null;
  }

  /** What somebody who is signed in sends; then to where they are led. */
  async #posted(
    request: FastifyRequest,
    reply: FastifyReply,
    act: (visit: Visit, fields: Form) => Promise<string>,
  ): Promise<FastifyReply> {
    const form = await this.#form(request, reply);
    if (form === null) return reply;
    return this.#visited(request, reply, async (visit) => {
      void reply.redirect(await act(visit, form.fields), 303);
    });
  }

  #shown(request: FastifyRequest, reply: FastifyReply, page: PageOf): Promise<FastifyReply> {
    return this.#visited(request, reply, async (visit) => {
      this.#sendFramed(reply, visit, await page(visit));
    });
  }

  /** Answers who is signed in, and leads others to where they can do so. What was refused is told in words. */
  async #visited(
    request: FastifyRequest,
    reply: FastifyReply,
    answer: (visit: Visit) => Promise<void>,
  ): Promise<FastifyReply> {
    const visit = await this.#visit(request, reply);
    if (visit === null) return reply;
    try {
      await answer(visit);
    } catch (error) {
      this.#refuse(request, reply, visit, error);
    }
    return reply;
  }

  /** Null: a stranger, who is led to where they can sign in. */
  async #visit(request: FastifyRequest, reply: FastifyReply): Promise<Visit | null> {
    const stored = await this.#cookies.read(request.headers.cookie);
    if (stored === null || stored.kind === 'none') return this.#toSignIn(request, reply, false);
    const session = await this.#renewed(request, reply, stored);
    if (session === null) return this.#toSignIn(request, reply, true);
    const caller = { bearer: session.bearer, ip: ipOf(request) };
    const [tenant, me, notices] = await Promise.all([
      this.#calls.get<TenantResource>(caller, '/v1/tenant'),
      session.kind === 'user' ? this.#calls.get<Me>(caller, '/api/v1/auth/me') : null,
      this.#calls.get<{ readonly data: readonly NoticeResource[] }>(caller, '/v1/notices'),
    ]);
    if (isOver(tenant) || (me !== null && isOver(me))) return this.#toSignIn(request, reply, true);
    const found = bodyOf(tenant);
    return new Visit(
      this.#calls,
      session,
      caller.ip,
      request.url.split('?')[0] as string,
      firstOf(request.query),
      request.params as Readonly<Record<string, string>>,
      found,
      me === null ? null : bodyOf(me),
      notices.refusal === null ? notices.body.data : [],
      new Zone(found.timezone),
      this.options.now(),
    );
  }

  /** With an access token that is good for a while; null: the session has ended. */
  async #renewed(request: FastifyRequest, reply: FastifyReply, session: Session): Promise<Session | null> {
    if (session.kind === 'key' || session.freshUntil - EARLY_MS > Date.now()) return session;
    const answer = await this.#refreshing.next(ipOf(request), session.refreshToken);
    if (answer.refusal !== null) {
      if (answer.refusal.status < 500) return null;
      throw new Refused(answer.refusal);
    }
    const renewed = withTokens(session, answer.body);
    await this.#keep(request, reply, renewed);
    return renewed;
  }

  #toSignIn(request: FastifyRequest, reply: FastifyReply, hasEnded: boolean): null {
    const params = new URLSearchParams();
    if (request.method === 'GET' && request.url !== '/console') params.set('next', request.url);
    if (hasEnded) {
      params.set('ended', '1');
      void reply.header('set-cookie', this.#cookies.taken(isSecure(request)));
    }
    void reply.redirect(params.size === 0 ? '/console/sign-in' : `/console/sign-in?${params}`, 303);
    return null;
  }

  #send(reply: FastifyReply, page: Page): FastifyReply {
    return reply
      .code(page.status ?? 200)
      .type('text/html; charset=utf-8')
      .send(this.#frame.alone(page));
  }

  #sendFramed(reply: FastifyReply, visit: Visit, page: Page): void {
    void reply
      .code(page.status ?? 200)
      .type('text/html; charset=utf-8')
      .send(this.#frame.around(visit, page));
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, visit: Visit, error: unknown): void {
    if (error instanceof Redirected) void reply.redirect(error.place, 303);
    else if (!(error instanceof Refused)) throw error;
    else if (error.refusal.status === 401) this.#toSignIn(request, reply, true);
    else this.#sendFramed(reply, visit, refusedPage(error.refusal, visit.path));
  }

  #fail(error: Error & { readonly statusCode?: number }, reply: FastifyReply): FastifyReply {
    if (error instanceof Refused) return this.#send(reply, refusedPage(error.refusal, '/console'));
    const status = error.statusCode ?? 500;
    if (status >= 500) this.options.logger.error({ err: error }, 'a page of the console could not be made');
    return this.#send(reply, brokenPage(status));
  }
}

const isOver = (answer: Answer<unknown>): boolean => answer.refusal?.status === 401;
