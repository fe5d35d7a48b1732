/** Which secrets of an endpoint sign, as one takes the place of another. */
import type { WebhookSecret } from './webhook-endpoints.js';

/** More signatures than that no receiver need read through. */
export const MOST_OLD_SECRETS = 10;

export interface SecretRotation {
  /** The new secret's id; given from outside, because what it names is kept before. */
  readonly secret_id: string;
  /** RFC 3339, real time; null: the present secret signs nothing from now on. */
  readonly overlap_until: string | null;
}

export const isTaken = (secrets: readonly WebhookSecret[], secretId: string): boolean =>
  secrets.some(({ secret_id }) => secret_id === secretId);

/** The new secret, then those before it. */
export const rotated = (
  secrets: readonly WebhookSecret[],
  { secret_id, overlap_until }: SecretRotation,
): readonly WebhookSecret[] => {
  const [present, ...older] = secrets;
  const ending = present === undefined || overlap_until === null ? [] : [{ ...present, expires_at: overlap_until }];
  return [{ secret_id, expires_at: null }, ...[...ending, ...older].slice(0, MOST_OLD_SECRETS)];
};
