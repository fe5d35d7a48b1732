import { REFUSALS, type RefusalCode } from '#domain/refusals.js';
import { docsUrl, errorBody, ERROR_TYPES, ERRORS, statusOf, typeOf, TYPE_OF_KIND, type ErrorCode } from './problems.js';

/** The one refusal that is no answer to what was asked, but to who asked. */
const OTHERWISE: Partial<Record<RefusalCode, string>> = {
  revoked_key: 'unauthenticated',
  revoked_user: 'unauthenticated',
};

describe('the registry of errors', () => {
  it.each(Object.entries(REFUSALS) as [RefusalCode, keyof typeof TYPE_OF_KIND][])(
    '%s is of the type of its kind',
    (code, kind) => {
      expect(ERRORS[code].type).toBe(OTHERWISE[code] ?? TYPE_OF_KIND[kind]);
    },
  );

  it.each(Object.keys(ERRORS) as ErrorCode[])('%s has a status, a sentence and a place in the reference', (code) => {
    expect(
      Object.values(ERROR_TYPES).concat(405 as never, 413 as never, 415 as never, 417 as never, 431 as never),
    ).toContain(statusOf(code));
    expect(ERRORS[code].message).toMatch(/[.…]$/);
    expect(docsUrl('http://here', code)).toBe(`http://here/docs#error-${code}`);
  });

  it('is the fault of the request where the request named what is missing', () => {
    expect([typeOf('account_not_found', undefined), statusOf('account_not_found')]).toEqual(['not_found', 404]);
    expect([typeOf('account_not_found', 'source'), statusOf('account_not_found', 'source')]).toEqual([
      'invalid_parameter',
      400,
    ]);
  });

  it('puts the field into the sentence and leaves out what is not known', () => {
    expect(errorBody('missing_field', { param: 'amount' }, 'req_1', '')).toEqual({
      type: 'invalid_parameter',
      code: 'missing_field',
      message: 'amount is required.',
      param: 'amount',
      request_id: 'req_1',
      docs_url: '/docs#error-missing_field',
    });
  });
});
