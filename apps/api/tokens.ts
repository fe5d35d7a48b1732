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
export const TENANTS = Symbol('tenants');
export const API_KEYS = Symbol('api keys');
export const USERS = Symbol('how users sign in');
export const PROBES = Symbol('probes');
export const METRICS = Symbol('metrics');
export const BASE_URL = Symbol('base url');
export const DOCUMENT = Symbol('document');
