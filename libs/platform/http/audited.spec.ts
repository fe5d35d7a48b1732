import { auditedCall } from './audited.js';
import type { CallRequest } from './call.js';

const refusedWith = (body: unknown, isLifted: boolean): CallRequest =>
  ({
    params: {},
    call: {
      principal: { plane: 'tenant', tenantId: 'tnt_1', environment: 'live', callerId: 'key_1', scopes: new Set() },
      known: null,
      recordedIn: null,
      refused: 'invalid_type',
      operationName: 'reverseTransaction',
      requestId: 'req_1',
      version: '2026-05-19',
      ip: null,
      body,
      isLifted,
    },
  }) as unknown as CallRequest;

describe('the reason that a call is noted with', () => {
  it('is that of a body that was taken', () => {
    expect(auditedCall(refusedWith({ reason: 'a court order' }, true), 422)?.reason).toBe('a court order');
  });

  it('is none of a body that was refused: what stands there is as long as anybody likes', () => {
    expect(auditedCall(refusedWith({ reason: 'x'.repeat(1_000_000) }, false), 400)?.reason).toBeNull();
  });
});
