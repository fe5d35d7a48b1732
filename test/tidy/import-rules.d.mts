export const LIBRARIES: Readonly<Record<string, readonly string[]>>;
export function brokenImports(root: string): Promise<string[]>;
