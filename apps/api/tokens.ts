/** Names under which Nest hands out what `createApi` was given. */
export const ENGINE = Symbol('engine');
export const READS = Symbol('reads');
export const OPENER = Symbol('opener');
/** `noteEntitlements` of the dependencies. */
export const NOTE_ENTITLEMENTS = Symbol('note entitlements');
/** Business time. */
export const CLOCK = Symbol('clock');
/** The same where it can be set; else null. */
export const SETTABLE_CLOCK = Symbol('settable clock');
/** The audit log, as it is read. */
export const AUDIT = Symbol('audit');
/** Streams of events, as they are stored. */
export const EVENT_STORE = Symbol('event store');
/** What checkpoints are signed with. */
export const CHECKPOINT_KEY = Symbol('checkpoint key');
/** Why a caller may not go on with what it began. */
export const REFUSAL_OF = Symbol('refusal of');
export const FOLLOWING_TERMS = Symbol('following terms');
/** The public keys of webhook signatures. */
export const WEBHOOK_KEYS = Symbol('webhook keys');
export const TENANTS = Symbol('tenants');
export const API_KEYS = Symbol('api keys');
/** What tenants ask of their deliveries. */
export const WEBHOOK_DESK = Symbol('webhook desk');
/** The API version that a tenant's calls without a header are answered in. */
export const VERSION_OF = Symbol('version of');
/** Secrets of webhook endpoints. */
export const ENDPOINT_SECRETS = Symbol('endpoint secrets');
/** Hosts and ports that the egress guard lets through. */
export const WEBHOOK_ALLOW = Symbol('webhook allow');
/** How many endpoints a tenant may have. */
export const MOST_ENDPOINTS = Symbol('most endpoints');
export const USERS = Symbol('how users sign in');
/** What an erasure leads to outside the stream. */
export const ERASING = Symbol('erasing');
export const WORKSPACES = Symbol('workspaces');
export const PROBES = Symbol('probes');
export const METRICS = Symbol('metrics');
export const BASE_URL = Symbol('base url');
export const DOCUMENT = Symbol('document');
export const NOTE_VERSION = Symbol('note a version');
export const RECENT_READS = Symbol('recent reads');
export const VERSION_USES = Symbol('uses of changes between versions');
