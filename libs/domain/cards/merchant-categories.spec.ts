import { isMerchantCategory } from './merchant-categories.js';

describe('merchant category codes', () => {
  it.each([
    '0742',
    '3000',
    '3350',
    '3351',
    '3500',
    '3501',
    '3999',
    '4411',
    '5411',
    '5999',
    '6011',
    '7011',
    '7995',
    '9999',
  ])('%s is one', (code) => {
    expect(isMerchantCategory(code)).toBe(true);
  });

  it.each(['', '0000', '0741', '0745', '1234', '2999', '4000', '541', '54111', '5411 ', ' 5411', '54l1', '５４１１'])(
    '“%s” is none',
    (code) => {
      expect(isMerchantCategory(code)).toBe(false);
    },
  );
});
