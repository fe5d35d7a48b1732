/** How a tenant is, for operators: rows of `operations.ts`, and the schema of the answer. */
import { admin, T, type Operation } from './operation-terms.js';
import { complete, id, is, list, nullable, oneOf, text, time, whole, type Schema } from './schema-words.js';

export const HEALTH_OPERATIONS = {
  getTenantHealth: admin(
    'Tenants (admin)',
    'view_tenants',
    [`GET ${T}/health`, 'tenant_health', 'How a tenant is: what is measured, and what to look at'],
    {
      description:
        '`warning` where one of `indicators` is beyond its threshold: coverage of customers’ money below 105 %, more than 5 % ' +
        'of webhook attempts failed, more than 20 % of KYC decisions were rejections (of a week), more than 100 calls refused ' +
        'by rate limits or more than 10 accounts blocked in a day. Those without a threshold are only told. `no_data`: nothing ' +
        'was there to measure. Of the last four an event tells when a threshold is crossed (`health.threshold_crossed`), and when ' +
        'the value is at four fifths of it again (`health.threshold_restored`); of coverage `liquidity.alert` does.',
    },
  ),
} as const satisfies Record<string, Operation>;

const number: Schema = { type: 'number' };

export const HEALTH_SCHEMAS: Readonly<Record<string, Schema>> = {
  health_indicator: complete({
    object: is('health_indicator'),
    name: text,
    value: nullable(number),
    unit: oneOf('percent', 'count'),
    window_seconds: { ...whole, description: 'Over how long until then.' },
    threshold: complete({ above: number }),
    status: oneOf('ok', 'warning'),
    action: text,
    revision: whole,
    at: time,
  }),
  tenant_health: complete({
    object: is('tenant_health'),
    tenant_id: id('tenant'),
    status: oneOf('ok', 'warning'),
    measured_at: time,
    indicators: list(
      complete({
        name: text,
        of: { ...nullable(text), description: 'What it is of, where there is one for each: a currency.' },
        value: nullable(number),
        unit: oneOf('percent', 'count'),
        window_seconds: { ...nullable(whole), description: 'Over how long until now; null: as it stands now.' },
        threshold: {
          type: ['object', 'null'],
          properties: { above: number, below: number },
          additionalProperties: false,
          description: 'It is a warning above, or below, this.',
        },
        status: oneOf('ok', 'warning', 'no_data'),
        action: nullable(text),
      }),
    ),
  }),
};
