import type { Lane } from './delivery-store.js';
import type { Secret } from './signing.js';
import type { WebhookSecrets } from './webhook-secrets.js';

const REMEMBERED = 10_000;

/** Opened secrets by their ids. What an id names never changes, so what was opened once is not asked for again. */
export class KnownSecrets {
  private readonly known = new Map<string, Secret>();

  constructor(private readonly secrets: Pick<WebhookSecrets, 'of'>) {}

  /** In the order of the ids. Throws where the first, the endpoint's present secret, can't be had: nothing is sent unsigned. */
  readonly of = async ({ tenantId, endpointId }: Lane, secretIds: readonly string[]): Promise<readonly Secret[]> => {
    if (secretIds.some((id) => !this.known.has(id))) {
      if (this.known.size > REMEMBERED) this.known.clear();
      for (const [id, secret] of await this.secrets.of(tenantId, endpointId)) this.known.set(id, secret);
    }
    const found = secretIds.flatMap((id) => this.known.get(id) ?? []);
    if (secretIds[0] === undefined || !this.known.has(secretIds[0]))
      throw new Error('the endpoint’s secret can’t be opened');
    return found;
  };
}
