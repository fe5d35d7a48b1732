/** Somebody with a browser, as far as the console's specs need one: keeps its cookie, fills in forms, follows redirects. */
import type { FastifyInstance } from 'fastify';

export interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Where it ended. */
  readonly url: string;
}

const MOST_REDIRECTS = 5;

export class Visitor {
  cookie = '';
  private formToken = '';

  constructor(private readonly app: FastifyInstance) {}

  async get(url: string): Promise<Seen> {
    let seen = await this.once('GET', url);
    for (let i = 0; i < MOST_REDIRECTS && seen.status === 303; i++) {
      seen = await this.once('GET', String(seen.headers.location));
    }
    return seen;
  }

  /** With the token of the form that was seen last, unless another one is named. */
  async post(url: string, fields: Readonly<Record<string, string>>, headers = {}): Promise<Seen> {
    const form = new URLSearchParams({ form_token: this.formToken, ...fields }).toString();
    const seen = await this.once('POST', url, form, headers);
    return seen.status === 303 ? this.get(String(seen.headers.location)) : seen;
  }

  async signIn(fields: Readonly<Record<string, string>>): Promise<Seen> {
    await this.get('/console/sign-in');
    return this.post('/console/sign-in', fields);
  }

  async once(method: 'GET' | 'POST', url: string, form?: string, headers: object = {}): Promise<Seen> {
    const response = await this.app.inject({
      method,
      url,
      headers: {
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(form === undefined ? {} : { payload: form }),
    });
    for (const set of [response.headers['set-cookie'] ?? []].flat()) {
      this.cookie = set.includes('Max-Age=0') ? '' : (set.split(';')[0] as string);
    }
    this.formToken = /name="form_token" value="([^"]+)"/.exec(response.body)?.[1] ?? this.formToken;
    return { status: response.statusCode, headers: response.headers, text: response.body, url };
  }
}
