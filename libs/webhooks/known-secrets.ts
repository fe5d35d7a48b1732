import type { Lane } from './delivery-store.js';
import type { Secret } from './signing.js';
import type { WebhookSecrets } from './webhook-secrets.js';

const REMEMBERED = 10_000;

/** Opened secrets by their ids. What an id names never changes, so what was opened once is not asked for again. */
export class KnownSecrets {
  private readonly known = new Map<string, Secret>();

  constructor(private readonly secrets: Pick<WebhookSecrets, 'of'>) {}

  /**
   * In the order of the ids. Where the first, the endpoint's present secret, is gone, whoever asks has not heard yet that it was
   * replaced: then the newest, which the endpoint's next event names. Throws where that can't be had: nothing is sent unsigned.
   */
  readonly of = async ({ tenantId, endpointId }: Lane, secretIds: readonly string[]): Promise<readonly Secret[]> => {
    const [present] = secretIds;
    let newest: Secret | undefined;
    if (secretIds.some((id) => !this.known.has(id))) {
      if (this.known.size > REMEMBERED) this.known.clear();
      const opened = await this.secrets.of(tenantId, endpointId);
      for (const [id, secret] of opened) this.known.set(id, secret);
      newest = opened.get([...opened.keys()].sort().at(-1) ?? '');
    }
    const found = secretIds.flatMap((id) => this.known.get(id) ?? []);
    if (present !== undefined && this.known.has(present)) return found;
    if (newest === undefined) throw new Error('the endpoint’s secret can’t be opened');
    return [newest, ...found.filter((secret) => secret !== newest)];
  };
}
