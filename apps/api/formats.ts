/** Of these formats the one that an `Accept` would rather have; JSON where it names none of them. */
export const formatFor = (accept: string | undefined, formats: readonly string[]): string => {
  const wanted = (accept ?? '')
    .split(',')
    .map((part) => {
      const [type = '', ...terms] = part.trim().toLowerCase().split(';');
      const quality = terms.map((term) => /^\s*q=([\d.]+)$/.exec(term)?.[1]).find((q) => q !== undefined);
      return { type: type.trim(), quality: Number(quality ?? 1) };
    })
    .filter(({ type, quality }) => quality > 0 && formats.includes(type))
    .sort((a, b) => b.quality - a.quality);
  return wanted[0]?.type ?? 'application/json';
};
