import { spawnSync } from 'node:child_process';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as SvixWebhook } from 'svix';
import { verify, verifyByPublicKey } from '../../docs/examples/verify-webhook.mjs';
import {
  hmac,
  maskedSecret,
  newSigningSecret,
  publishedKeys,
  type Secret,
  signatureHeaders,
  type SigningRequest,
  webhookKey,
} from './signing.js';

const bytes = (text: string): Buffer => Buffer.from(text);
const signed = (request: Partial<SigningRequest>): Record<string, string> =>
  signatureHeaders({
    endpointHeader: 'QairoPay-Signature',
    secrets: [newSigningSecret()],
    id: 'evt_01KAGYZ8V3M9T6Q2B7C4D5E8F0',
    timestampSeconds: Math.floor(Date.now() / 1_000),
    body: bytes('{}'),
    ...request,
  });

const SVIX = {
  secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] as Secret[],
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1_614_265_330,
  body: bytes('{"test": 2432232314}'),
};

describe('published vectors', () => {
  it('Standard Webhooks, libraries/javascript', () => {
    expect(signed(SVIX)['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('Standard Webhooks, libraries/rust', () => {
    const headers = signed({
      secrets: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
      id: 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
      timestampSeconds: 1_649_367_553,
      body: bytes('{"email":"test@example.com","username":"test_user"}'),
    });
    expect(headers['webhook-signature']).toBe('v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=');
  });

  it('svix-server, test_asymmetric_key_signing', () => {
    const pair = Buffer.from(
      '6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
      'base64',
    );
    const key = webhookKey(pair.subarray(0, 32));
    expect(key.publicBytes).toEqual(pair.subarray(32));
    const [, asymmetric] = signed({ ...SVIX, ed25519: key })['webhook-signature']!.split(' ');
    expect(asymmetric).toBe(
      'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
    );
  });

  it('GitHub, validating webhook deliveries', () => {
    expect(hmac("It's a Secret to Everybody", '', bytes('Hello, World!')).toString('hex')).toBe(
      '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    );
  });

  it('Convoy, advanced_sha256_hex_valid', () => {
    const body = bytes('{"event":"charge.success","amount":1000,"currency":"NGN"}');
    expect(hmac('convoy-webhook-secret', '1700000000,', body).toString('hex')).toBe(
      '77b8b9269f25a199846a55a2bd25b3fba151c70fdae60bb1dcd87fbbc943c55c',
    );
  });
});

const BODY = bytes(JSON.stringify({ id: 'evt_1', tenant_id: 'tnt_1', text: 'naïve ✓ \u2028' }));
const key = webhookKey(Buffer.alloc(32, 5));

describe('verifiers that are not ours accept what is signed, and nothing else', () => {
  const [current, replaced, foreign] = [newSigningSecret(), newSigningSecret(), newSigningSecret()];
  const headers = signed({ secrets: [current, replaced], ed25519: key, body: BODY });
  const tampered = bytes(BODY.toString().replace('tnt_1', 'tnt_2'));
  const short = headers['QairoPay-Signature']!;
  const stripe = new Stripe('sk_test_none');

  it.each([
    [
      'standardwebhooks',
      (secret: Secret, body: Buffer) => new StandardWebhook(secret).verify(body.toString(), headers),
    ],
    ['svix', (secret: Secret, body: Buffer) => new SvixWebhook(secret).verify(body.toString(), headers)],
    ['stripe', (secret: Secret, body: Buffer) => stripe.webhooks.constructEvent(body.toString(), short, secret)],
    ['docs/examples/verify-webhook.mjs', (secret: Secret, body: Buffer) => verify(headers, body, secret)],
  ])('%s', (_, check) => {
    for (const secret of [current, replaced]) expect(check(secret, BODY)).toEqual(JSON.parse(BODY.toString()));
    expect(() => check(foreign, BODY)).toThrow();
    expect(() => check(current, tampered)).toThrow();
  });

  it('docs/examples/verify-webhook.mjs, by the published key', () => {
    const { keys } = publishedKeys([webhookKey(Buffer.alloc(32, 4)), key]);
    expect(verifyByPublicKey(headers, BODY, keys, 'tnt_1')).toEqual(JSON.parse(BODY.toString()));
    expect(() => verifyByPublicKey(headers, BODY, keys, 'tnt_2')).toThrow('another_tenant');
    expect(() => verifyByPublicKey(headers, tampered, keys, 'tnt_2')).toThrow('invalid_signature');
    expect(() => verifyByPublicKey(headers, BODY, keys.slice(0, 1), 'tnt_1')).toThrow('invalid_signature');
  });

  const hasPython = spawnSync('python3', ['--version']).status === 0;
  if (!hasPython) process.stderr.write('Not checked with Python: there is no python3.\n');
  else
    it('docs/examples/verify_webhook.py', () => {
      const script = `
import base64, json, sys
sys.path.insert(0, "docs/examples")
from verify_webhook import InvalidSignature, verify, verify_short
def said(check):
    try: return check()
    except InvalidSignature as refused: return str(refused)
ask = json.load(sys.stdin)
headers, short = ask["headers"], ask["headers"]["QairoPay-Signature"]
print(json.dumps([[said(lambda: verify(headers, base64.b64decode(body), secret, now=now)),
                   said(lambda: verify_short(short, base64.b64decode(body), secret, now=now))]
                  for body, secret, now in ask["cases"]]))`;
      const at = Number(headers['webhook-timestamp']);
      const cases = [
        [BODY, current, at],
        [BODY, replaced, at + 299],
        [BODY, foreign, at],
        [tampered, current, at],
        [BODY, current, at + 301],
      ].map(([body, ...rest]) => [(body as Buffer).toString('base64'), ...rest]);
      const { stdout, stderr } = spawnSync('python3', ['-c', script], { input: JSON.stringify({ headers, cases }) });
      expect(stderr.toString()).toBe('');
      const event = JSON.parse(BODY.toString()) as object;
      expect(JSON.parse(stdout.toString())).toEqual([
        [event, event],
        [event, event],
        ['invalid_signature', 'invalid_signature'],
        ['invalid_signature', 'invalid_signature'],
        ['timestamp_out_of_tolerance', 'timestamp_out_of_tolerance'],
      ]);
    });
});

it('signs the bytes themselves, also those that are no text', () => {
  const body = Buffer.from([0, 255, 254, 128]);
  const secret = newSigningSecret();
  const { 'webhook-signature': signature } = signed({ secrets: [secret], body, timestampSeconds: 1, id: 'a' });
  const under = Buffer.from(secret.slice(6), 'base64');
  expect(signature).toBe(`v1,${hmac(under, 'a.1.', body).toString('base64')}`);
});

it('names the first header as the endpoint’s version does', () => {
  expect(Object.keys(signed({ endpointHeader: 'X-QairoPay-Signature' }))[0]).toBe('X-QairoPay-Signature');
});

it('has a comma in every token, because some libraries fail without', () => {
  const headers = signed({ secrets: [newSigningSecret(), newSigningSecret()], ed25519: key });
  expect(headers['webhook-signature']!.split(' ').map((token) => token.split(',')[0])).toEqual(['v1', 'v1', 'v1a']);
});

it('a new secret is 32 bytes that nobody has had', () => {
  const secrets = Array.from({ length: 100 }, newSigningSecret);
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) expect(Buffer.from(secret.slice(6), 'base64').length).toBe(32);
  expect(maskedSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toBe('whsec_****LaSw');
});

it.each<[string, Partial<SigningRequest>]>([
  ['an id with a dot', { id: 'evt.1' }],
  ['an empty id', { id: '' }],
  ['half a second', { timestampSeconds: 1.5 }],
  ['no secret', { secrets: [] }],
  ['a short secret', { secrets: ['whsec_AAAA'] }],
  ['a secret of another form', { secrets: ['sk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' as Secret] }],
])('refuses %s', (_, wrong) => {
  expect(() => signed(wrong)).toThrow(RangeError);
});

it('publishes keys as a JWK set', () => {
  expect(publishedKeys([key])).toEqual({
    keys: [
      {
        kty: 'OKP',
        crv: 'Ed25519',
        alg: 'EdDSA',
        use: 'sig',
        x: key.publicBytes.toString('base64url'),
        public_key: `whpk_${key.publicBytes.toString('base64')}`,
      },
    ],
  });
  expect(() => webhookKey(Buffer.alloc(31))).toThrow(RangeError);
});
