import { cold, type TenantState } from '../state.js';

/** Whose data is sealed under a key of their own. */
export const SUBJECT_KINDS = ['customer', 'user', 'partner', 'account'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

export interface ErasureEvent {
  readonly type: 'SubjectErased';
  readonly data: { readonly erasure: { readonly subject_id: string; readonly kind: SubjectKind } };
}

export const erasedKey = (subjectId: string): string => `erased:${subjectId}`;

/** Whether the subject was erased. The command must have declared that it needs `erasedKey`. */
export const isErased = (state: TenantState, subjectId: string): boolean => cold(state, erasedKey(subjectId)) !== null;
