/** The contract as it is published. */
export interface Published {
  readonly openApi: () => string;
  readonly reference: () => string;
}
