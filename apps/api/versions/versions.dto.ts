import { Nullable, Says, Text } from '#platform/validation/fields.js';

export class PinApiVersionBody {
  @Says('A version’s date; null takes the pin away.', '2026-05-19')
  @Nullable()
  @Text(1, 20)
  version?: string | null;
}

export class RehearseVersionBody {
  @Says('The version that is thought of.', '2026-05-19')
  @Text(1, 20)
  to: string;
}
