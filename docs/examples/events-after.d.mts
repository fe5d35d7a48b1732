export function eventsAfter(
  sequence: number,
  from: { readonly url: string; readonly key: string },
): AsyncGenerator<{ readonly id: string; readonly type: string; readonly sequence: number }>;
