import type { Method } from '#contract/operation-terms.js';
import { OPERATION_NAMES, operationOf } from '#contract/operations.js';

interface Known {
  readonly form: RegExp;
  readonly methods: ReadonlySet<Method>;
}

const formOf = (path: string): RegExp => {
  const literal = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\{\w+\}/g, '[^/]+')}/?$`);
};

const known = (): readonly Known[] => {
  const byPath = new Map<string, Set<Method>>();
  for (const { path, method } of OPERATION_NAMES.map(operationOf)) {
    byPath.set(path, (byPath.get(path) ?? new Set()).add(method));
  }
  return [...byPath].map(([path, methods]) => ({ form: formOf(path), methods }));
};

const KNOWN = known();

/** Which methods a path takes; empty: there is nothing at it. Asked only for requests that no route took. */
export const methodsAt = (path: string): readonly Method[] => [
  ...new Set(KNOWN.filter(({ form }) => form.test(path)).flatMap(({ methods }) => [...methods])),
];
