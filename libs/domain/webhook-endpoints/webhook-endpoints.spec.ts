import type { Command } from '../commands.js';
import { idOf } from '../ids.js';
import { given, OPERATOR, START, tenant, ulidAt, type Row } from '../spec-support.js';
import type { CreateWebhookEndpoint } from './create-webhook-endpoint.js';
import { MOST_OLD_SECRETS } from './secrets.js';
import type { UpdateWebhookEndpoint } from './update-webhook-endpoint.js';
import type { WebhookEndpointFacts } from './webhook-endpoints.js';

const ID = idOf('webhook_endpoint', ulidAt(START, 9));
const OTHER = idOf('webhook_endpoint', ulidAt(START, 10));
const URL = 'https://acme.example/hooks';
const WEEK = '2026-01-12T09:00:00.000Z';

const make = (data: Partial<CreateWebhookEndpoint['data']> = {}): Command => ({
  type: 'CreateWebhookEndpoint',
  data: { endpoint_id: ID, secret_id: 's1', url: URL, events: ['*'], ...data },
});
const update = (data: Omit<UpdateWebhookEndpoint['data'], 'endpoint_id'>, endpoint_id = ID): Command => ({
  type: 'UpdateWebhookEndpoint',
  data: { endpoint_id, ...data },
});
const rotate = (secret_id: string, overlap_until: string | null = WEEK, endpoint_id = ID): Command => ({
  type: 'RotateWebhookSecret',
  data: { endpoint_id, secret_id, overlap_until },
});
const enable = (endpoint_id = ID): Command => ({ type: 'EnableWebhookEndpoint', data: { endpoint_id } });
const disable = (as: 'disabled' | 'dead' = 'disabled', endpoint_id = ID): Command => ({
  type: 'DisableWebhookEndpoint',
  data: { endpoint_id, as },
});
const remove = (endpoint_id = ID): Command => ({ type: 'DeleteWebhookEndpoint', data: { endpoint_id } });

const ROWS: readonly Row[] = [
  ['an id that is taken', [tenant(), make()], make(), 'refused: invalid_state (endpoint_id)'],
  ['an id that was taken and deleted', [tenant(), make(), remove()], make(), 'refused: invalid_state (endpoint_id)'],
  ['another one', [tenant(), make()], make({ endpoint_id: OTHER }), 'WebhookEndpointCreated'],
  ['the last one', [tenant(), make()], make({ endpoint_id: OTHER, most: 2 }), 'WebhookEndpointCreated'],
  ['one too many', [tenant(), make()], make({ endpoint_id: OTHER, most: 1 }), 'refused: too_many_webhook_endpoints'],
  ['one for another', [tenant(), make(), remove()], make({ endpoint_id: OTHER, most: 1 }), 'WebhookEndpointCreated'],

  ['changing what is not there', [tenant()], update({ url: URL }), 'refused: webhook_endpoint_not_found'],
  ['changing what was deleted', [tenant(), make(), remove()], update({}), 'refused: webhook_endpoint_not_found'],
  ['changing nothing', [tenant(), make()], update({ events: ['*', '*'], is_active: true }), 'unchanged'],
  ['changing what it is sent', [tenant(), make()], update({ events: ['account.*'] }), 'WebhookEndpointUpdated'],
  ['out of use by a change', [tenant(), make()], update({ is_active: false }), 'WebhookEndpointDisabled'],
  [
    'with a secret that it had',
    [tenant(), make()],
    update({ rotation: { secret_id: 's1', overlap_until: null } }),
    'refused: invalid_state (secret_id)',
  ],
  ['dead, and said to be out of use', [tenant(), make(), disable('dead')], update({ is_active: false }), 'unchanged'],
  ['back in use by a change', [tenant(), make(), disable()], update({ is_active: true }), 'WebhookEndpointUpdated'],

  ['rotating what is not there', [tenant()], rotate('s2'), 'refused: webhook_endpoint_not_found'],
  ['rotating to the same', [tenant(), make()], rotate('s1'), 'refused: invalid_state (secret_id)'],
  ['rotating to an earlier one', [tenant(), make(), rotate('s2')], rotate('s1'), 'refused: invalid_state (secret_id)'],
  ['rotating', [tenant(), make()], rotate('s2'), 'WebhookSecretRotated'],

  ['enabling what is not there', [tenant()], enable(), 'refused: webhook_endpoint_not_found'],
  ['enabling what is enabled', [tenant(), make()], enable(), 'unchanged'],
  ['enabling what is dead', [tenant(), make(), disable('dead')], enable(), 'WebhookEndpointUpdated'],
  ['enabling what was made out of use', [tenant(), make({ is_active: false })], enable(), 'WebhookEndpointUpdated'],

  ['disabling what is not there', [tenant()], disable(), 'refused: webhook_endpoint_not_found'],
  ['disabling', [tenant(), make()], disable(), 'WebhookEndpointDisabled'],
  ['disabling twice', [tenant(), make(), disable()], disable(), 'unchanged'],
  ['dying after it was disabled', [tenant(), make(), disable()], disable('dead'), 'unchanged'],

  ['deleting what is not there', [tenant()], remove(), 'refused: webhook_endpoint_not_found'],
  ['deleting', [tenant(), make()], remove(), 'WebhookEndpointDeleted'],
  ['deleting twice', [tenant(), make(), remove()], remove(), 'refused: webhook_endpoint_not_found'],
];

const factsAfter = (...history: readonly Command[]): WebhookEndpointFacts => {
  const { data } = given(tenant(), ...history).book.events.at(-1)!;
  if (!('webhook_endpoint' in data)) throw new TypeError('not about an endpoint');
  return data.webhook_endpoint;
};

describe('webhook endpoints', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('are made with what is usual where nothing is said, and seal what may hold a token', () => {
    const tenantId = idOf('tenant', ulidAt(START, 1));
    expect(factsAfter(make({ events: ['b.*', 'a', 'b.*'], headers: { 'X-Key': 'k' } }))).toEqual({
      endpoint_id: ID,
      url: `s1.${tenantId}.${URL}`,
      events: ['a', 'b.*'],
      description: null,
      status: 'enabled',
      api_version: null,
      ordering: 'none',
      payload: 'snapshot',
      headers: [['X-Key', `s1.${tenantId}.k`]],
      secrets: [{ secret_id: 's1', expires_at: null }],
    });
  });

  it('change what is named and keep the rest', () => {
    const facts = factsAfter(
      make({ description: 'd', ordering: 'account' }),
      update({ url: 'https://b.example', description: null, api_version: '2026-02-01', payload: 'thin', headers: {} }),
    );
    expect(facts).toMatchObject({
      url: expect.stringContaining('b.example') as string,
      description: null,
      api_version: '2026-02-01',
      ordering: 'account',
      payload: 'thin',
      events: ['*'],
    });
  });

  it('sign with the secret before as long as the overlap lasts, and with ten such at most', () => {
    expect(factsAfter(make(), rotate('s2')).secrets).toEqual([
      { secret_id: 's2', expires_at: null },
      { secret_id: 's1', expires_at: WEEK },
    ]);
    expect(factsAfter(make(), rotate('s2', null)).secrets).toEqual([{ secret_id: 's2', expires_at: null }]);
    expect(factsAfter(make(), update({ rotation: { secret_id: 's2', overlap_until: WEEK } })).secrets).toHaveLength(2);
    const many = Array.from({ length: 13 }, (_, i) => rotate(`n${i}`));
    const { secrets } = factsAfter(make(), ...many);
    expect(secrets).toHaveLength(1 + MOST_OLD_SECRETS);
    expect(secrets[0]).toEqual({ secret_id: 'n12', expires_at: null });
  });

  it('go with their secrets', () => {
    expect(factsAfter(make(), remove())).toMatchObject({ status: 'disabled', secrets: [] });
  });

  it('die only by the system’s or an operator’s word while the tenant is stopped', () => {
    const stopped: Command = { type: 'ChangeTenantStatus', data: { status: 'suspended' } };
    const { when } = given(tenant(), make(), stopped);
    const key = { plane: 'tenant', keyId: null, entitlement: null } as const;
    expect(when(disable(), key).outcome).toBe('refused: tenant_suspended');
    expect(when(disable('dead'), { ...key, plane: 'system' }).outcome).toBe('WebhookEndpointDisabled');
    expect(when(enable(), OPERATOR).outcome).toBe('refused: tenant_suspended');
    expect(when(remove(), OPERATOR).outcome).toBe('WebhookEndpointDeleted');
  });
});
