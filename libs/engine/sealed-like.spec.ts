import { newKey, sealText } from '../vault/sealing.js';
import { sealedLike } from './sealed-like.js';

it.each(['', 'a', 'ab', 'abc', 'Ada Obi', 'é', '😀', 'x'.repeat(5_000)])(
  '%j: as long as what the vault makes',
  (text) => {
    const sealed = sealText('tnt_1', 'acc_1', newKey(), text);
    const like = sealedLike(text, 'acc_1');
    expect(like).toHaveLength(sealed.length);
    expect(like.slice(0, 9)).toBe(sealed.slice(0, 9));
  },
);
