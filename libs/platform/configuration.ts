import { isIP } from 'node:net';
import path from 'node:path';
import { StartupError } from './startup-error.js';

/**
 * The installation's settings, read once at start: `readConfiguration(process.env)`. Nothing else reads the environment.
 */
export interface Configuration {
  /** DAYBOOK_HOST: the address to listen on. */
  readonly host: string;
  /** DAYBOOK_PORT: 0 takes any free port. */
  readonly port: number;
  /** DAYBOOK_DATA_DIR, absolute: database, keys, credentials. */
  readonly dataDir: string;
  /** DAYBOOK_SEED: what a new installation begins with. */
  readonly seed: 'demo' | 'none';
  /** DAYBOOK_EVENT_STORE */
  readonly eventStore: 'postgres' | 'eventstoredb' | 'memory';
  /** EVENTSTORE_URL: set whenever `eventStore` is `eventstoredb`. */
  readonly eventStoreUrl: string | null;
  /** DATABASE_URL, of a role that may create roles and schemas; null: a PostgreSQL of its own in the data folder. */
  readonly databaseUrl: string | null;
  /** REDIS_URL; null: jobs are kept in PostgreSQL, and each process counts calls against rate limits by itself. */
  readonly redisUrl: string | null;
  /** DAYBOOK_LOG_LEVEL */
  readonly logLevel: LogLevel;
  /** DAYBOOK_VERSION_HEADER: the request header that names an API version. */
  readonly versionHeader: string;
  readonly admin: {
    /** DAYBOOK_ADMIN_ISSUER */
    readonly issuer: string;
    /** DAYBOOK_ADMIN_AUDIENCE */
    readonly audience: string;
    /** DAYBOOK_ADMIN_JWKS_URL; null: tokens are signed and checked with a key in the data folder. */
    readonly jwksUrl: string | null;
  };
  readonly mail: {
    /** DAYBOOK_SMTP_URL; null: what would be mailed is written to the log. */
    readonly smtpUrl: string | null;
    /** DAYBOOK_MAIL_FROM: the address that letters come from. */
    readonly from: string;
    /** DAYBOOK_DASHBOARD_URL: where invitations and sign-in links lead; null: they hold the token itself. */
    readonly dashboardUrl: string | null;
  };
  /** DAYBOOK_WEBHOOK_ALLOW: let through the egress guard, whatever address they have. */
  readonly webhookAllow: readonly HostAndPort[];
  /** DAYBOOK_WEBHOOK_ENDPOINTS: how many a tenant may have. */
  readonly webhookEndpoints: number;
  /** DAYBOOK_TRUSTED_PROXIES, addresses and networks: what they say of whom they forward is believed. Nobody else's word is. */
  readonly trustedProxies: readonly string[];
  /** DAYBOOK_CLOCK */
  readonly clock: 'system' | 'settable';
  /** DAYBOOK_MASTER_KEY, 32 bytes; null: kept in the data folder. Take it from `loadMasterKey`. */
  readonly masterKey: Uint8Array | null;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** An operator's list of a tenant's endpoints is one page. */
export const MOST_WEBHOOK_ENDPOINTS = 1_000;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** Its message names every wrong setting, one a line, and never shows a secret. */
export class ConfigurationError extends StartupError {
  override readonly name = 'ConfigurationError';
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** Every setting there is. A variable that begins with DAYBOOK_ and is not here is probably misspelt. */
export const SETTINGS = [
  'DAYBOOK_HOST',
  'DAYBOOK_PORT',
  'DAYBOOK_DATA_DIR',
  'DAYBOOK_SEED',
  'DAYBOOK_EVENT_STORE',
  'EVENTSTORE_URL',
  'DATABASE_URL',
  'REDIS_URL',
  'DAYBOOK_LOG_LEVEL',
  'DAYBOOK_VERSION_HEADER',
  'DAYBOOK_ADMIN_ISSUER',
  'DAYBOOK_ADMIN_AUDIENCE',
  'DAYBOOK_ADMIN_JWKS_URL',
  'DAYBOOK_SMTP_URL',
  'DAYBOOK_MAIL_FROM',
  'DAYBOOK_DASHBOARD_URL',
  'DAYBOOK_WEBHOOK_ALLOW',
  'DAYBOOK_WEBHOOK_ENDPOINTS',
  'DAYBOOK_TRUSTED_PROXIES',
  'DAYBOOK_CLOCK',
  'DAYBOOK_MASTER_KEY',
] as const;
type Setting = (typeof SETTINGS)[number];

/** An empty variable counts as unset. Throws `ConfigurationError` with all that is wrong at once. */
export function readConfiguration(env: Environment): Configuration {
  const read = new Reader(env);
  const eventStore = read.oneOf('DAYBOOK_EVENT_STORE', ['postgres', 'eventstoredb', 'memory'], 'postgres');
  const eventStoreUrl = read.url('EVENTSTORE_URL', ['esdb', 'esdb+discover', 'kurrentdb', 'kurrentdb+discover']);
  if (eventStore === 'eventstoredb') read.requires('EVENTSTORE_URL', 'DAYBOOK_EVENT_STORE is eventstoredb');
  const jwksUrl = read.url('DAYBOOK_ADMIN_JWKS_URL', ['https', 'http']);
  if (jwksUrl !== null) {
    // Without them, a token that the same issuer made for another service would open the admin plane.
    read.requires('DAYBOOK_ADMIN_ISSUER', 'DAYBOOK_ADMIN_JWKS_URL is set');
    read.requires('DAYBOOK_ADMIN_AUDIENCE', 'DAYBOOK_ADMIN_JWKS_URL is set');
  }
  const configuration: Configuration = {
    host: read.matching('DAYBOOK_HOST', /^[^\s/]+$/, 'a host name or an IP address', '127.0.0.1'),
    port: read.whole('DAYBOOK_PORT', 0, 65_535, 3000),
    dataDir: path.resolve(read.text('DAYBOOK_DATA_DIR') ?? '.daybook'),
    seed: read.oneOf('DAYBOOK_SEED', ['demo', 'none'], 'demo'),
    eventStore,
    eventStoreUrl,
    databaseUrl: read.url('DATABASE_URL', ['postgres', 'postgresql']),
    redisUrl: read.url('REDIS_URL', ['redis', 'rediss']),
    logLevel: read.oneOf('DAYBOOK_LOG_LEVEL', LOG_LEVELS, 'info'),
    versionHeader: read.matching(
      'DAYBOOK_VERSION_HEADER',
      /^[A-Za-z][A-Za-z0-9-]{0,63}$/,
      'the name of a header',
      'QairoPay-Version',
    ),
    admin: Object.freeze({
      issuer: read.text('DAYBOOK_ADMIN_ISSUER') ?? 'daybook',
      audience: read.text('DAYBOOK_ADMIN_AUDIENCE') ?? 'daybook-admin',
      jwksUrl,
    }),
    mail: Object.freeze({
      smtpUrl: read.url('DAYBOOK_SMTP_URL', ['smtp', 'smtps']),
      from: read.matching('DAYBOOK_MAIL_FROM', /^[^\s@<>]+@[^\s@<>]+$/, 'an e-mail address', 'daybook@localhost'),
      dashboardUrl: read.url('DAYBOOK_DASHBOARD_URL', ['https', 'http']),
    }),
    webhookAllow: Object.freeze(read.hostsAndPorts('DAYBOOK_WEBHOOK_ALLOW')),
    webhookEndpoints: read.whole('DAYBOOK_WEBHOOK_ENDPOINTS', 1, MOST_WEBHOOK_ENDPOINTS, 100),
    trustedProxies: Object.freeze(read.networks('DAYBOOK_TRUSTED_PROXIES')),
    clock: read.oneOf('DAYBOOK_CLOCK', ['system', 'settable'], 'system'),
    masterKey: read.key('DAYBOOK_MASTER_KEY'),
  };
  if (read.problems.length > 0) throw new ConfigurationError(read.problems);
  return Object.freeze(configuration);
}

/** Variables that look like settings and are none. Worth a line of warning at start, not worth refusing to start. */
export function unknownSettings(env: Environment): string[] {
  const known = new Set<string>(SETTINGS);
  return Object.keys(env).filter((name) => /^DAYBOOK_(?!TEST_)/.test(name) && !known.has(name));
}

/** `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`; not all there are: then anybody could say to be anybody. */
const isNetwork = (text: string): boolean => {
  const [, address = '', bits] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const kind = isIP(address);
  return kind !== 0 && (bits === undefined || (Number(bits) > 0 && Number(bits) <= (kind === 4 ? 32 : 128)));
};

class Reader {
  readonly problems: string[] = [];

  constructor(private readonly env: Environment) {}

  text(name: Setting): string | null {
    const value = this.env[name]?.trim();
    return value === undefined || value === '' ? null : value;
  }

  oneOf<T extends string>(name: Setting, allowed: readonly T[], fallback: T): T {
    const value = this.text(name);
    if (value === null) return fallback;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) this.wrong(name, `one of ${allowed.join(', ')}`);
    return found ?? fallback;
  }

  matching(name: Setting, pattern: RegExp, what: string, fallback: string): string {
    const value = this.text(name);
    if (value !== null && !pattern.test(value)) this.wrong(name, what);
    return value ?? fallback;
  }

  whole(name: Setting, least: number, most: number, fallback: number): number {
    const value = this.text(name);
    if (value === null) return fallback;
    const isWhole = /^\d{1,5}$/.test(value) && Number(value) >= least && Number(value) <= most;
    if (!isWhole) this.wrong(name, `a whole number from ${least} to ${most}`);
    return Number(value);
  }

  /** URLs hold passwords, so what is wrong about one is said without showing it. */
  url(name: Setting, schemes: readonly string[]): string | null {
    const value = this.text(name);
    if (value === null) return null;
    const scheme = /^([a-z+]+):\/\/[^\s/]/.exec(value)?.[1];
    const form = `a URL that begins with ${schemes.map((known) => `${known}://`).join(' or ')}`;
    if (scheme === undefined || !schemes.includes(scheme)) this.problems.push(`${name} must be ${form}`);
    // Discovery URLs list several hosts, which WHATWG URLs cannot.
    else if (!value.includes(',') && !URL.canParse(value)) {
      this.problems.push(
        `${name} is not a valid URL (characters such as @ : / # in a password must be percent-encoded)`,
      );
    }
    return value;
  }

  requires(name: Setting, because: string): void {
    if (this.text(name) === null) this.problems.push(`${name} must be set, because ${because}`);
  }

  hostsAndPorts(name: Setting): HostAndPort[] {
    const entries = (this.text(name) ?? '').split(',').map((entry) => entry.trim());
    const parsed = entries.filter(Boolean).map((entry) => {
      const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(entry);
      return match === null ? null : { host: (match[1] ?? match[2]!).toLowerCase(), port: Number(match[3]) };
    });
    if (parsed.some((entry) => entry === null || entry.port < 1 || entry.port > 65_535)) {
      this.wrong(name, 'a list of host:port, separated by commas');
    }
    return parsed.filter((entry) => entry !== null).map((entry) => Object.freeze(entry));
  }

  networks(name: Setting): string[] {
    const entries = (this.text(name) ?? '').split(',').map((entry) => entry.trim());
    const given = entries.filter(Boolean);
    if (!given.every(isNetwork))
      this.wrong(name, 'a list of IP addresses and networks (10.0.0.0/8), separated by commas');
    return given;
  }

  key(name: Setting): Uint8Array | null {
    const value = this.text(name);
    if (value === null) return null;
    const bytes = Buffer.from(value, 'base64');
    if (bytes.length !== 32 || bytes.toString('base64').replace(/=+$/, '') !== value.replace(/=+$/, '')) {
      this.problems.push(`${name} must be 32 bytes in base64 (make one with: openssl rand -base64 32)`);
    }
    return bytes;
  }

  private wrong(name: Setting, expected: string): void {
    this.problems.push(`${name} is ${JSON.stringify(this.text(name))}: it must be ${expected}`);
  }
}
